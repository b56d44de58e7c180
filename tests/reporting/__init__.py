from . import test_digest, test_pdf
