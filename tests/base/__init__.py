from . import test_responsibility, test_works_with
