from . import test_cached, test_fact, test_responsibility, test_works_with
