"""The first steps are for companies that begin: where follow-ups were planned before the update they are put away. A manager has
them back by the settings."""
import logging

_logger = logging.getLogger(__name__)


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """UPDATE res_company c SET customer_first_steps = FALSE
            WHERE customer_first_steps IS NOT FALSE
              AND EXISTS (SELECT 1 FROM customer_followup f WHERE f.company_id = c.id)""")
    if cr.rowcount:
        _logger.info("First steps are put away in %s companies that have follow-ups already.", cr.rowcount)
