from . import (
    test_documents,
    test_numbers_process,
    test_profile,
    test_registry,
)
