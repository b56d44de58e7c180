from . import customer_import_undo, customer_sheet_print
