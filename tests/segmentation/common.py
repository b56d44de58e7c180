from ..common import CustomerCase


class SegmentCase(CustomerCase):
    """Customers whose tier, potential and risk the test says; the shipped segments and their rules.

    Who is just enrolled has bought nothing: tier low, potential not judged, risk not known, no health score; so it is in the
    segment of those of whom not enough is known.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.segmenter = cls.env['customer.segmenter']
        cls.segmenter._refresh()  # by the rules as they are
        cls.high_stable, cls.high_potential, cls.low_stable, cls.low_risk, cls.unknown = (
            cls.env.ref(f'customer_success.customer_segment_{name}')
            for name in ('high_stable', 'high_potential', 'low_stable', 'low_risk', 'unknown'))

    @classmethod
    def _set_risk(cls, partners, risk, refresh=True):
        """Let customers have a risk, as the wing health finds it in the night."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE res_partner SET customer_risk_level = %s WHERE id = ANY(%s)", [risk, partners.ids])
        partners.invalidate_recordset()
        if refresh:
            cls.segmenter._refresh(partners.ids)

    @classmethod
    def _judge(cls, partners, potential, reason="Because"):
        partners.write({'customer_potential': potential, 'customer_potential_reason': reason})

    def _last_change(self, partner):
        partner.invalidate_recordset()
        return partner.customer_segment_change_ids[0]
