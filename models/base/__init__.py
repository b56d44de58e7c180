from . import customer_known
