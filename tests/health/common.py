"""Figures of customers, written as the nightly refresh leaves them behind."""
from unittest.mock import patch

from odoo import fields

from ..common import CustomerCase


class HealthFigures(CustomerCase):
    """Customers whose health, warnings and rhythm a test sets directly; those of the demo data are out of care."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['res.partner'].search([('customer_managed', '=', True)]).action_customer_exclude()
        cls.today = fields.Date.context_today(cls.env.user)
        cls.customer = cls._customer("Figures Ltd", customer_cadence_id=cls.cadence.id)

    @classmethod
    def _ago(cls, days):
        return fields.Date.subtract(cls.today, days=days)

    @classmethod
    def _health(cls, partner, *stretches):
        """Set the health of a customer over stretches of days that begin so many days ago, the oldest first.

        :param stretches: pairs of days ago and score; None is not scored
        """
        snapshots = cls.env['customer.health.snapshot'].sudo()
        snapshots.search([('partner_id', '=', partner.id)]).unlink()
        for place, (days, score) in enumerate(stretches):
            last = place + 1 == len(stretches)
            snapshots += snapshots.create({
                'partner_id': partner.id, 'date': cls._ago(days), 'band': cls._band(score), 'score': score, 'computed': score,
                'uncapped': score, 'state': 'thin' if score is None else 'scored', 'coverage': 80, 'groups_known': 3,
                'date_end': False if last else cls._ago(stretches[place + 1][0] + 1), 'parts': {}})
        cls.env.flush_all()
        # the ORM writes 0 where there is nothing
        cls.env.cr.execute(
            "UPDATE customer_health_snapshot SET score = NULL, computed = NULL, uncapped = NULL"
            " WHERE state = 'thin' AND id = ANY(%s)", (snapshots.ids,))
        cls.env.cr.execute(
            "UPDATE res_partner SET customer_health = %s, customer_health_band = %s WHERE id = %s",
            (score, cls._band(score), partner.id))
        cls.env.invalidate_all()

    @staticmethod
    def _band(score):
        return 'none' if score is None else 'healthy' if score >= 75 else 'watch' if score >= 50 else 'risk'

    @classmethod
    def _warn(cls, partner, signal, level, **vals):
        """Return a new open warning of a signal, which need not be one that is looked at."""
        rules = cls.env.registry['customer.warning.rule']
        with patch.object(rules, '_selection_signal', lambda model: [(signal, signal)]):
            warning = cls.env['customer.warning'].sudo().create({
                'partner_id': partner.id, 'signal': signal, 'level': level, 'date': cls._ago(3), **vals})
            cls.env.flush_all()
        cls.env.invalidate_all()
        return warning.sudo(False)

    @classmethod
    def _rhythm(cls, partner, purchases, first, last):
        """Let a customer have bought on so many days, the first and the last of them so many days ago."""
        cls.env.cr.execute("DELETE FROM customer_rhythm WHERE partner_id = %s", (partner.id,))
        cls.env.cr.execute(
            "INSERT INTO customer_rhythm (partner_id, purchases, first_day, last_day) VALUES (%s, %s, %s, %s)",
            (partner.id, purchases, cls._ago(first), cls._ago(last)))
        cls.env.invalidate_all()
