from . import test_digest, test_import, test_import_kinds, test_import_tour, test_pdf
