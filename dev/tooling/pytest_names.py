"""The variables by which the command tells the plugins of a session what it wants."""

TOURS_REQUIRED = 'CUSTOMER_SUCCESS_TOURS_REQUIRED'
BROWSER = 'CUSTOMER_SUCCESS_BROWSER'
APPS = 'CUSTOMER_SUCCESS_APPS'
#: How many times as long as otherwise is waited for a page.
PATIENCE = 'CUSTOMER_SUCCESS_PATIENCE'
#: A file that gets what a session counted, for whoever adds up several.
REPORT = 'CUSTOMER_SUCCESS_TEST_REPORT'
#: A file with what each file of tests cost the last time.
KNOWN = 'CUSTOMER_SUCCESS_TEST_COSTS'
