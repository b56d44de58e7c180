from . import test_demo, test_platform, test_security, test_tours
