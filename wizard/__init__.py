from . import profile, segmentation, cadence
