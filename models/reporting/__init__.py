from . import (
    customer_import,
    customer_import_column,
    customer_import_loader,
    customer_import_profile,
    customer_import_question,
    customer_import_reader,
    customer_import_row,
    customer_import_word,
    customer_run,
    digest_digest,
)
