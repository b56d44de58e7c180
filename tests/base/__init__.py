from . import test_cached, test_responsibility, test_works_with
