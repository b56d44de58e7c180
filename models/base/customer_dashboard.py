"""How the customers do, on one screen for who leads: tiles that each say one thing and open what it is told by (REP-2)."""
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from ..platform.counted import months as in_months
from ..platform.local_text import day_text

_logger = logging.getLogger(__name__)

GROUP = 'customer_success.group_customer_success_'

#: The periods that can be looked at: so many months, the running one included.
PERIODS = (1, 3, 6, 12)

#: The one that a dashboard opens with.
PERIOD = 12

#: So many lines stand in a tile; what is left is added up in a last one.
LINES = 8


class Filters(NamedTuple):
    """What a dashboard is about.

    :param months: so many months, the running one included
    :param start: the first day
    :param stop: today, where the reader is
    :param begin: the moment at which the first day begins there, naive UTC
    :param end: the moment at which today ends there
    :param company_ids: ids of the companies whose customers are counted
    :param company_id: id of the one that was chosen, False for all of these
    :param team_id: id of the team that was chosen, False for all that the reader may see
    :param kept: what several tiles look at, so that it is looked up once
    """

    months: int
    start: date
    stop: date
    begin: datetime
    end: datetime
    company_ids: tuple
    company_id: int | bool
    team_id: int | bool
    kept: dict

    def customers(self, path='partner_id.'):
        """Return the domain of what is about the customers that are looked at.

        :param str path: how a record leads to its customer, with a dot at the end; empty for the customers themselves
        """
        domain = Domain.TRUE
        if self.company_id:
            domain &= Domain(f'{path}customer_company_id', 'in', [self.company_id])
        if self.team_id:
            domain &= Domain(f'{path}user_id.customer_team_id', '=', self.team_id)
        return domain

    def own(self, company='company_id', team='team_id'):
        """Return the domain of records that say themselves of which company and team they are."""
        domain = Domain.TRUE
        if self.company_id:
            domain &= Domain(company, 'in', [self.company_id])
        if self.team_id:
            domain &= Domain(team, '=', self.team_id)
        return domain

    def month_begins(self):
        """Return the first day of each month that is looked at, the earliest first."""
        first = self.stop.replace(day=1)
        return [fields.Date.subtract(first, months=back) for back in range(self.months - 1, -1, -1)]

    def month_ends(self):
        """Return the last day of each of these months; of the running one it is today."""
        return [min(fields.Date.end_of(first, 'month'), self.stop) for first in self.month_begins()]


class Part(NamedTuple):
    """A stretch of a bar.

    :param label: what it is
    :param value: its length, in the unit of its bar
    :param text: the value in words
    :param tone: its colour and pattern: ``good``, ``fair``, ``bad``, ``none``, ``main``, ``second`` or ``third``
    :param domain: what a click opens, None for nothing
    """

    label: str
    value: float
    text: str
    tone: str = 'main'
    domain: Domain | None = None


class Row(NamedTuple):
    """A line of a tile: a name, bars under each other, and what they say.

    :param label: its name
    :param text: what it says, in words
    :param bars: each a list of :class:`Part`
    :param domain: what a click opens, None for nothing
    """

    label: str
    text: str
    bars: list
    domain: Domain | None = None


class Column(NamedTuple):
    """A month of a tile.

    :param day: its first day
    :param parts: from the bottom up, see :class:`Part`
    :param text: what it says in words, besides its parts
    :param figure: what stands over it, short
    """

    day: date
    parts: list
    text: str = ''
    figure: str = ''


class Seen(NamedTuple):
    """What a tile shows.

    :param figure: the figure itself, short: ``NPS 41 ± 12, n = 63``
    :param sentence: what it says
    :param notes: more sentences, in small print
    :param rows: see :class:`Row`
    :param columns: see :class:`Column`, the earliest first
    :param legend: pairs of a name and a tone
    :param full: the length of a bar of a line that fills its place; None: each bar does
    :param tall: the height of a column that fills its place; None: the tallest does
    :param domain: the records that the figure counts, None where it opens nothing
    :param opens: model, id and method of a record that says what the figure opens, instead of a domain
    :param context: with which the records are shown
    :param tone: ``good`` or ``bad`` where there is a target
    :param empty: what to do first, where there is nothing to tell
    :param todo: xml id, without the module, of the action in which that is done, and its name
    """

    figure: str = ''
    sentence: str = ''
    notes: tuple = ()
    rows: tuple = ()
    columns: tuple = ()
    legend: tuple = ()
    full: float | None = None
    tall: float | None = None
    domain: Domain | None = None
    opens: tuple = ()
    context: dict | None = None
    tone: str = ''
    empty: str = ''
    todo: tuple = ()


class Tile(NamedTuple):
    """What can stand on a dashboard.

    :param label: its title
    :param model: whose records are counted; who may not read it does not see the tile
    :param look: function of :class:`Filters` that returns what is :class:`Seen`
    :param action: xml id, without the module, of the window action that shows its records
    :param sequence: where it stands
    """

    label: str
    model: str
    look: Callable
    action: str
    sequence: int = 100


class CustomerDashboard(models.AbstractModel):
    """How the customers do that somebody answers for. Wings say what stands there (`_tiles`).

    Everything is read with the rights of whoever looks: a team leader sees the own team. What a tile counts is given along as a
    domain, so that a click opens exactly that.
    """

    _name = 'customer.dashboard'
    _description = "Dashboard"

    # ------------------------------------------------------------
    # FOR WINGS TO FILL IN
    # ------------------------------------------------------------

    @api.model
    def _tiles(self):
        """Return what can stand on a dashboard, by its code.

        :rtype: dict[str, Tile]
        """
        return {}

    # ------------------------------------------------------------
    # WHAT PEOPLE SEE
    # ------------------------------------------------------------

    @api.model
    @api.readonly
    def look(self, months=PERIOD, company_id=False, team_id=False):
        """Return the dashboard.

        :param int months: so many months up to today, the running one included; of :data:`PERIODS`
        :param company_id: id of a company of the user, False for all in which the user works now
        :param team_id: id of a team that the user leads, of any for a manager; False for all that the user may see
        :return: ``filters`` (what is looked at: what was not the user's to choose is left out), ``periods``, ``companies`` and
            ``teams`` (what can be chosen), ``since`` (the first day), ``tiles``, ``problems`` (sentences) and
            ``more`` (other pages)
        :rtype: dict
        :raises AccessError: for who leads nobody
        """
        if not self.env.user.has_group(GROUP + 'leader'):
            raise AccessError(self.env._("The dashboard is for team leaders and managers. Your own customers are in My Day."))
        companies, teams = self._companies(), self._teams()
        filters = self._filters(months, company_id, team_id, companies, teams)
        tiles, problems = self._look_up(filters)
        return {
            'filters': {'months': filters.months, 'company_id': filters.company_id, 'team_id': filters.team_id},
            'periods': [{'months': count, 'label': self._period_label(count)} for count in PERIODS],
            'companies': [{'id': company.id, 'name': company.name} for company in companies] if len(companies) > 1 else [],
            'teams': [{'id': team.id, 'name': team.name} for team in teams],
            'since': self.env._("%(start)s to %(stop)s", start=day_text(self.env, filters.start, 'yMMMd'),
                                stop=day_text(self.env, filters.stop, 'yMMMd')),
            'tiles': tiles, 'problems': problems, 'more': self._more(),
        }

    @api.model
    def _more(self):
        """Return the other pages for who wants to look further; for wings to fill in: pairs of a method of this model that opens
        one, and what stands on its button.

        :rtype: list[tuple[str, str]]
        """
        return []

    # ------------------------------------------------------------
    # FILTERS
    # ------------------------------------------------------------

    @api.model
    def _companies(self):
        return self.env.companies.sudo().sorted('name')  # what a company of one's own is called is no secret

    @api.model
    def _teams(self):
        """Return the teams that can be chosen: those that the user leads, for a manager all of the own companies."""
        domain = Domain('company_id', 'in', [False, *self.env.companies.ids])
        if not self.env.user.has_group(GROUP + 'manager'):
            domain &= Domain('user_id', '=', self.env.uid)
        return self.env['crm.team'].sudo().search(domain, order='name, id')  # names alone, and of who is led by oneself

    @api.model
    def _period_label(self, count):
        return self.env._("This month") if count == 1 else in_months(self.env, count)

    @api.model
    def _filters(self, months, company_id, team_id, companies, teams):
        """Return what is looked at: what is not the user's to choose, or not there any more, is left out.

        :rtype: Filters
        """
        clock = self.env['customer.clock']
        user, today = self.env.user, clock._today(self.env.user)
        months = months if months in PERIODS else PERIOD
        start = fields.Date.subtract(today.replace(day=1), months=months - 1)

        return Filters(
            months=months, start=start, stop=today, begin=clock._begin(user, start),
            end=clock._begin(user, today + timedelta(days=1)),
            company_ids=tuple(companies.ids), company_id=company_id if company_id in companies._ids else False,
            team_id=team_id if team_id in teams._ids else False, kept={})

    # ------------------------------------------------------------
    # TILES
    # ------------------------------------------------------------

    @api.model
    def _look_up(self, filters):
        """Return the tiles as the screen takes them, and the sentences about those that could not be looked up.

        :rtype: tuple[list[dict], list[str]]
        """
        tiles = sorted(self._tiles().items(), key=lambda item: (item[1].sequence, item[0]))
        # who may not read it has nothing to do with it
        tiles = [(code, tile) for code, tile in tiles if self.env[tile.model].has_access('read')]
        self.env.flush_all()
        try:
            with self.env.cr.savepoint(flush=False):
                return [self._tile_values(code, tile, tile.look(filters)) for code, tile in tiles], []
        except OperationalError:
            raise  # a conflict with another transaction is nobody's fault
        except Exception as error:  # whatever another addon's code raises
            # which one fails, is found by looking each up by itself
            _logger.info("The dashboard is looked up one by one: %s", error)
        found, problems = [], []
        for code, tile in tiles:
            try:
                with self.env.cr.savepoint(flush=False):
                    found.append(self._tile_values(code, tile, tile.look(filters)))
            except OperationalError:
                raise  # as above
            except Exception:  # as above
                _logger.exception("Dashboard: %s", code)
                problems.append(self.env._("“%(kind)s” could not be looked up. Everything else is shown.", kind=tile.label))
        return found, problems

    @api.model
    def _tile_values(self, code, tile, seen):
        """Return a tile as the screen takes it."""
        heights = [sum(part.value for part in column.parts) for column in seen.columns]
        # one month is no development, and where nothing happened there is nothing to draw
        columns = seen.columns if len(heights) > 1 and max(heights) > 0 else ()
        tallest = seen.tall or max(heights, default=0)
        return {
            'code': code, 'label': tile.label, 'model': tile.model, 'action': tile.action, 'figure': seen.figure,
            'sentence': seen.sentence, 'notes': [note for note in seen.notes if note], 'tone': seen.tone,
            'domain': self._domain_values(seen.domain), 'opens': list(seen.opens), 'context': seen.context or {},
            'empty': seen.empty, 'todo': {'action': seen.todo[0], 'label': seen.todo[1]} if seen.todo else False,
            'legend': [{'label': label, 'tone': tone} for label, tone in seen.legend],
            'rows': [{
                'label': row.label, 'text': row.text, 'domain': self._domain_values(row.domain),
                'bars': [self._parts_values(bar, seen.full or sum(part.value for part in bar)) for bar in row.bars],
            } for row in seen.rows],
            'columns': [{
                'label': day_text(self.env, column.day, 'MMM'), 'title': day_text(self.env, column.day, 'yMMMM'),
                'text': column.text, 'figure': column.figure, 'parts': self._parts_values(column.parts, tallest),
            } for column in columns],
        }

    @api.model
    def _parts_values(self, parts, full):
        """Return the parts of a bar as the screen takes them, those of no length left out: ``size`` is in percent."""
        return [{
            'label': part.label, 'text': part.text, 'tone': part.tone, 'domain': self._domain_values(part.domain),
            'size': round(max(0, min(100, 100 * part.value / full)), 2) if full else 0,
        } for part in parts if part.value > 0]

    @api.model
    def _domain_values(self, domain):
        return False if domain is None else list(domain)

    # ------------------------------------------------------------
    # WORDS
    # ------------------------------------------------------------

    @api.model
    def _number(self, value):
        """Return a number of things, as the reader's language writes it."""
        text = formatLang(self.env, value, digits=0)
        return "0" if text == "-0" else text

    @api.model
    def _percent(self, part, whole):
        """Return a share in words, a dash for one of nothing."""
        return self.env['customer.fact']._format(100 * part / whole, 'percent') if whole else "–"
