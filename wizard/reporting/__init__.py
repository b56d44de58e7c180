from . import customer_sheet_print
