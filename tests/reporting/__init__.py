from . import test_digest, test_monthly, test_pdf, test_sheets, test_subscriptions
