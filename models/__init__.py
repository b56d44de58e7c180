from . import platform, profile, segmentation, cadence, culture, health, strategy
