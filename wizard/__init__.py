from . import profile, segmentation, cadence, culture, health, strategy, lifecycle, service, reporting
