from . import test_fact, test_responsibility, test_works_with
