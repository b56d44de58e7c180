from . import test_profile, test_registry
