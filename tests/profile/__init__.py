from . import test_numbers_process, test_profile, test_registry
