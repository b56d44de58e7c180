from . import base, platform, profile, segmentation, cadence, culture, health, strategy, lifecycle, service, reporting
