from odoo import api, models
from odoo.fields import Domain

from ..base.local_day import in_company_zone

#: Stands in the parameters while there is still something to do.
PARAM = 'customer_success.first_look'


class CustomerFirstLook(models.AbstractModel):
    """Everything that is known of customers, found for the first time: after the installation on a full database (PLT-3).

    The installation only says who is a customer. The rest is done step by step by a scheduled action, each step in a
    transaction of its own, in the order in which one needs the other: so everybody is written as seldom as can be. Whatever
    stops it, it begins again; what is done already is found done.
    """

    _name = 'customer.first.look'
    _description = "First Look at All Customers"

    @api.model
    def _begin(self):
        """Find out who is a customer, and leave the rest to the action."""
        ranking = self.env['customer.ranking']
        self.env['customer.statistics']._keep('sale_order', 'sale_order_line', 'account_move', 'account_move_line')
        ranking._collect_bought()
        self.env['customer.registry'].with_context(customer_rank_later=True)._refresh()
        self.env['ir.config_parameter'].set_param(PARAM, 'begun')
        self.env.ref('customer_success.ir_cron_first')._trigger()

    @api.model
    @in_company_zone
    def _cron_look(self):
        """Do what :meth:`_begin` left to do; on all other days there is nothing."""
        parameters = self.env['ir.config_parameter']
        if not parameters.get_param(PARAM):
            return
        progress, steps = self.env['ir.cron']._commit_progress, self._steps()
        progress(remaining=len(steps))
        run = self._run()
        for number, (name, step) in enumerate(steps, 1):
            run._go_on(self.env._("%(number)s of %(count)s: %(step)s", number=number, count=len(steps), step=name))
            progress()  # people see where it stands
            run.done += step()
            progress(1)
        run._go_on(self.env._("All steps are done; follow-ups are being planned."))
        parameters.search(Domain('key', '=', PARAM)).unlink()
        for name in ('calendar', 'plan', 'greet', 'warn', 'duplicates'):
            self.env.ref(f'customer_success.ir_cron_{name}')._trigger()

    @api.model
    def _run(self):
        """Return the line among the scheduled runs that says how far this is: one, however often it begins again."""
        parameters, runs = self.env['ir.config_parameter'], self.env['customer.run']
        begun = parameters.get_param(PARAM)
        run = runs.browse(int(begun) if begun.isdecimal() else ()).exists() or runs._begin('first')
        parameters.set_param(PARAM, run.id)
        return run

    @api.model
    def _steps(self):
        """Return what is looked at, in this order: pairs of a name for people and a function that returns how many rows it
        wrote."""
        churn, health = self.env['customer.churn'], self.env['customer.health.refresh']
        return [
            (self.env._("what customers bought"), lambda: self.env['customer.purchase']._keep()['changed']),
            (self.env._("how customers buy"), churn._refresh_rhythm),
            (self.env._("who may be lost"), lambda: len(churn._fit())),
            (self.env._("risk"), lambda: health._step_risk(None)['rows']),  # segments follow from it
            (self.env._("revenue, tiers and segments"), lambda: self.env['customer.ranking']._refresh_all()['rows']),
            *((name, lambda step=step: step(None)['rows']) for name, step in health._steps()),
            (self.env._("customer value"), lambda: self.env['customer.value.refresh']._refresh()['rows']),
        ]
