from datetime import timedelta
from typing import NamedTuple

from babel.dates import format_date, format_interval, format_skeleton, format_time
from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.i18n import format_list
from odoo.tools.misc import babel_locale_parse, get_lang

from ...engine.suitability import CLOSED, GOOD, CustomerSide
from ..platform.counted import days as in_days

#: Festivals and holidays are announced so far ahead, and a better day is looked for so far ahead.
COMING, LOOK_AHEAD = timedelta(days=30), timedelta(days=92)
ONE_DAY = timedelta(days=1)

#: How loudly a period speaks; what is on top is said first.
LEVELS = {'forbid': 'danger', 'discourage': 'warning', 'suggest': 'success'}
LOUDNESS = ('danger', 'warning', 'success', 'info')


class Look(NamedTuple):
    """A customer, looked at on a day: what every part of the advice is made of.

    :param day: the day asked about
    :param today: the customer's today
    :param channel: customer.channel, may be empty
    :param planned: the day was fixed earlier, so it is no use to say that it comes too soon
    :param periods: customer.culture.period by id
    :param holidays: customer.holiday by id
    """

    partner: object
    culture: object
    side: CustomerSide
    day: object
    today: object
    channel: object
    planned: bool
    periods: dict
    holidays: dict


class CustomerAdvice(models.AbstractModel):
    """Tells a person who is about to make contact what is fitting, and warns of a bad day or channel (CUL-3).

    It reads the same calendars as the planner, so both say the same of a day.
    """

    _name = 'customer.advice'
    _description = "Advice on Making Contact"

    @api.model
    def _advise(self, partner, day=None, channel=None, planned=False, fallback=None, user=None):
        """Return the advice on a customer; see ``res.partner._customer_advice``.

        :param bool planned: the day was fixed earlier: too short a notice is a hint, not a warning
        :param fallback: customer.channel to propose first when the chosen one does not suit
        :param user: res.users on whose working days a better day has to lie; the current user by default
        """
        look = self._look(partner, day, channel, planned)
        stops = partner._customer_stops(look.day) if look.day >= look.today else []
        advice = {
            **self._etiquette(look.culture),
            'day': look.day,
            'local_time': self._local_time(partner),
            'now': self._now(look),
            'coming': self._coming(look),
            'stops': stops,
            # who is not to be contacted at all needs no better day
            'warnings': stops or self._warnings(look),
            'hints': [] if stops else self._hints(look),
            'better': '', 'better_day': False, 'better_channel': self.env['customer.channel'],
        }
        if advice['warnings'] and not stops:
            advice.update(self._better(look, fallback, user or self.env.user))
        return advice

    @api.model
    def _look(self, partner, day=None, channel=None, planned=False):
        """Fetch what the advice on a customer is made of."""
        today = partner._customer_now().date()
        day = fields.Date.to_date(day) or today
        side = self.env['customer.suitability']._side_of(partner, min(day, today), max(day, today) + LOOK_AHEAD)
        return Look(
            partner, partner.customer_culture_id, side, day, today, channel or self.env['customer.channel'],
            planned, self._by_id('customer.culture.period', (period.cause for period in side.periods)),
            self._by_id('customer.holiday', side.closed.values()))

    @api.model
    def _by_id(self, model, causes):
        """Return the records behind verdicts by id; they are read together."""
        return {record.id: record for record in self.env[model].browse({record_id for __, record_id in causes})}

    @api.model
    def _etiquette(self, culture):
        """Return what the profile says, and where it says nothing, what the profile that it builds on says."""
        channels = culture._preferred_channels()
        lines = {name: (culture._advice(name).splitlines() if culture else ()) for name in ('advice_do', 'advice_avoid')}
        return {
            'culture': culture,
            'summary': culture.summary or culture.parent_id.summary or '',
            'do': [line.strip() for line in lines['advice_do'] if line.strip()],
            'avoid': [line.strip() for line in lines['advice_avoid'] if line.strip()],
            'tone': culture._advice('tone') if culture else '',
            'gift': culture._advice('advice_gift') if culture else '',
            'notice_days': self._notice_days(culture),
            'channels': channels.mapped('name'),
        }

    @api.model
    def _notice_days(self, culture):
        return culture.notice_days or culture.parent_id.notice_days

    # ------------------------------------------------------------
    # WHAT HOLDS NOW
    # ------------------------------------------------------------

    @api.model
    def _now(self, look):
        """Return what holds on the day, the loudest first.

        :return: dicts with the ``text``, the ``level`` (danger, warning, success, info), and a ``word`` that says the level
        """
        lines = self._period_lines(look) + self._closed_lines(look)
        return sorted(lines, key=lambda line: LOUDNESS.index(line['level']))

    @api.model
    def _period_lines(self, look):
        """Return a line for each festival and what it means."""
        groups = {}
        for period in look.side.periods_on(look.day):
            record = look.periods[period.cause[1]]
            groups.setdefault((record.festival_id, period.end, period.effect, period.estimated), []).append(record)
        words = dict(self.env['customer.culture.period']._fields['effect']._description_selection(self.env))
        lines = []
        for (festival, end, effect, estimated), records in groups.items():
            notes = dict.fromkeys(self._note(record, words) for record in records)
            lines.append({
                'level': LEVELS[effect], 'word': words[effect],
                'text': self._during(look, self._named(festival, estimated), end, " ".join(notes))})
        return lines

    @api.model
    def _note(self, period, words):
        """Return what a period means in words: its note, else its effect and channels."""
        if period.note:
            return period.note
        channels = format_list(self.env, period.channel_ids.mapped('name')) or self.env._("every channel")
        return self.env._("%(effect)s: %(channels)s", effect=words[period.effect], channels=channels)

    @api.model
    def _during(self, look, name, end, note):
        """Return a line about something that lasts until a day."""
        if end > look.day:
            return self.env._("%(name)s until %(day)s: %(note)s", name=name, day=self._until(end, look.day), note=note)
        if look.day == look.today:
            return self.env._("%(name)s today: %(note)s", name=name, note=note)
        return self.env._("%(name)s on %(day)s: %(note)s", name=name, day=self._date(look.day), note=note)

    @api.model
    def _closed_lines(self, look):
        """Return a line when nobody works at the customer's on the day."""
        if not look.side.is_closed(look.day):
            return []
        return [{'level': 'warning', 'word': self.env._("Day off"), 'text': self._closed(look)}]

    @api.model
    def _closed(self, look):
        """Return the sentence that nobody works at the customer's on the day, and why."""
        subject = self.env._("Today") if look.day == look.today else self._date(look.day)
        name, end = next((
            (name, end) for name, start, end in self._holiday_spans(look) if start <= look.day <= end), (None, None))
        if not name:
            return self.env._("%(day)s is not a working day there.", day=subject)
        if end > look.day:
            return self.env._("%(day)s is a public holiday there: %(name)s, until %(end)s.", day=subject, name=name,
                              end=self._until(end, look.day))
        return self.env._("%(day)s is a public holiday there: %(name)s.", day=subject, name=name)

    @api.model
    def _local_time(self, partner):
        """Return the weekday and the time at the customer's, or '' where nobody knows where it is."""
        if not self.env['customer.clock']._place_zone(partner):
            return ''
        now, locale = partner._customer_now(), self._locale()
        return self.env._("%(time)s there, %(weekday)s", time=format_time(now.time(), 'short', locale=locale),
                          weekday=format_date(now, 'EEEE', locale=locale))

    @api.model
    def _clock_line(self, partner):
        """Return a line when it is not office time at the customer's now."""
        setting = self.env['res.config.settings']._customer_success
        hour = partner._customer_now().hour
        text = self._local_time(partner)
        if not text or setting('send_from_hour') <= hour < setting('send_to_hour'):
            return []
        return [{'level': 'info', 'word': self.env._("Local time"), 'text': text}]

    # ------------------------------------------------------------
    # WHAT COMES
    # ------------------------------------------------------------

    @api.model
    def _coming(self, look):
        """Return the festivals and public holidays that begin in the days after the day asked about.

        :return: dicts with ``text`` and ``date``, the first day
        """
        festivals = [
            (self._named(look.periods[period.cause[1]].festival_id, period.estimated), period.start, period.end)
            for period in look.side.periods]
        spans = self._merge(look, [*festivals, *self._holiday_spans(look)])
        return [
            {'date': start, 'text': self.env._("%(name)s, %(days)s", name=name, days=self._span(start, end))}
            for name, start, end in spans if look.day < start <= look.day + COMING]

    @api.model
    def _holiday_spans(self, look):
        """Return the public holidays as name, first and last day."""
        return self._merge(look, [
            (self._named(look.holidays[holiday_id], look.holidays[holiday_id].estimated), day, day)
            for day, (__, holiday_id) in look.side.closed.items()])

    @api.model
    def _named(self, feast, estimated):
        """Return the name of a festival or holiday, marked when its days are not announced yet."""
        return self.env._("%(name)s (estimated)", name=feast.name) if estimated else feast.name

    @api.model
    def _merge(self, look, spans):
        """Join stretches of the same name that touch, or have nothing but days off between them.

        :param spans: names, first and last days
        :rtype: list[tuple]
        """
        merged, latest = [], {}
        for name, start, end in sorted(spans, key=lambda span: span[1:]):
            position = latest.get(name)
            if position is not None:
                gap = merged[position][2] + ONE_DAY
                while gap < start and look.side.is_closed(gap):
                    gap += ONE_DAY
                if gap >= start:
                    __, first, last = merged[position]
                    merged[position] = name, first, max(last, end)
                    continue
            latest[name] = len(merged)
            merged.append((name, start, end))
        return merged

    # ------------------------------------------------------------
    # A BAD DAY
    # ------------------------------------------------------------

    @api.model
    def _warnings(self, look):
        """Return why the day or the channel is a bad one, in sentences; of what has passed there is nothing to say."""
        if look.day < look.today:
            return []
        verdict, sentences = look.side.verdict(look.day, look.channel.id or 0), []
        if verdict.kind == 'culture':
            sentences.append(self._unsuitable(look, verdict))
        if verdict.fit == CLOSED and look.side.is_closed(look.day):
            sentences.append(self._closed(look))
        if not look.planned and not self._in_time(look, look.channel, look.day):
            sentences.append(self.env._("A visit should be announced %(days)s ahead, so by %(day)s.",
                                        **self._notice(look)))
        return sentences

    @api.model
    def _notice(self, look):
        """Return how many days ahead and by which day a visit on the day asked about should be announced."""
        days = self._notice_days(look.culture)
        return {'days': in_days(self.env, days), 'day': self._date(look.day - timedelta(days=days))}

    @api.model
    def _unsuitable(self, look, verdict):
        """Return what a culture period has against the day or the channel."""
        period = look.periods[verdict.cause[1]]
        held = next(found for found in look.side.periods_on(look.day) if found.cause == verdict.cause)
        words = dict(period._fields['effect']._description_selection(self.env))
        values = {
            'channel': look.channel.name or self.env._("A contact"),
            'when': self._when(look),
            'why': self._during(
                look, self._named(period.festival_id, held.estimated), held.end, self._note(period, words)),
        }
        if verdict.fit == CLOSED:
            return self.env._("%(channel)s: not %(when)s. %(why)s", **values)
        return self.env._("%(channel)s: better not %(when)s. %(why)s", **values)

    @api.model
    def _cause_name(self, look, verdict):
        """Return the name of the festival or the public holiday that a verdict comes from, or False for a weekday."""
        model, record_id = verdict.cause or (None, None)
        if model == 'customer.culture.period':
            return look.periods[record_id].festival_id.name
        return look.holidays[record_id].name if model else False

    @api.model
    def _in_time(self, look, channel, day):
        """Return whether a day is far enough ahead for a channel, when it is announced today."""
        return channel.medium != 'meeting' or day >= look.today + timedelta(days=self._notice_days(look.culture))

    @api.model
    def _hints(self, look):
        """Return what would be good to think of, without anything being wrong."""
        hints, culture = [], look.culture
        if look.day < look.today:
            return hints
        if look.channel.medium == 'meeting' and self._notice_days(culture):
            if self._in_time(look, look.channel, look.day):
                hints.append(self.env._("Announce it by %(day)s, %(days)s ahead.", **self._notice(look)))
            elif look.planned:
                hints.append(self.env._(
                    "It should have been announced by %(day)s, %(days)s ahead.", **self._notice(look)))
        channels = culture._preferred_channels()
        if look.channel and channels and look.channel not in channels:
            hints.append(self.env._("Preferred here: %(channels)s.", channels=format_list(self.env, channels.mapped('name'))))
        return hints

    @api.model
    def _better(self, look, fallback, user):
        """Return the next day that suits and the channel that would do on the day asked about, and both in words."""
        day, channel = self._better_day(look, user), self._better_channel(look, fallback)
        values = {
            'day': day and self._date(day), 'channel': channel.name, 'when': self._when(look)}
        text = ''
        if day and channel:
            text = self.env._("Better: %(day)s, or %(channel)s %(when)s.", **values)
        elif day:
            text = self.env._("Better: %(day)s.", **values)
        elif channel:
            text = self.env._("Better: %(channel)s %(when)s.", **values)
        return {'better': text, 'better_day': day, 'better_channel': channel}

    @api.model
    def _better_day(self, look, user):
        """Return the first later day that suits the customer and is a working day of the user, or False."""
        user = user.sudo()  # working hours are no secret among colleagues
        calendar = user.resource_calendar_id or user.company_id.resource_calendar_id
        works = self.env['resource.calendar']._customer_is_working(calendar.id or 0, user.company_id.id)
        for offset in range(1, LOOK_AHEAD.days + 1):
            day = look.day + offset * ONE_DAY
            suits = look.side.verdict(day, look.channel.id or 0).fit == GOOD and self._in_time(look, look.channel, day)
            if suits and works(day):
                return day
        return False

    @api.model
    def _better_channel(self, look, fallback):
        """Return the fallback or a preferred channel that suits the day asked about, or none."""
        channels = self.env['customer.channel']
        if not look.channel:
            return channels
        preferred = look.culture._preferred_channels()
        return next((
            channel for channel in (fallback or channels) + preferred
            if channel != look.channel and look.side.verdict(look.day, channel.id).fit == GOOD
            and self._in_time(look, channel, look.day)), channels)

    # ------------------------------------------------------------
    # MANY CUSTOMERS
    # ------------------------------------------------------------

    @api.model
    def _misfits(self, followups, day):
        """Return the follow-ups for which a day is a bad one: forbidden, discouraged or not worked at the customer's."""
        suitability = self.env['customer.suitability']
        keys = {followup: suitability._key(followup.partner_id) for followup in followups}
        sides = suitability._sides(keys.values(), day, day)
        return followups.filtered(
            lambda followup: sides[keys[followup]].verdict(day, followup.channel_id.id).fit != GOOD)

    @api.model
    def _count_today(self, partner_ids, channel):
        """Return for how many customers a channel does not suit today, where they are.

        :param partner_ids: ids of contacts; those without a managed customer are left out
        :return: the number of customers, of those in a period against the channel, and of those who are closed
        :rtype: tuple[int, int, int]
        """
        self.env['res.partner'].flush_model()
        self.env['customer.culture'].flush_model()
        clock = self.env['customer.clock']
        query = self.env['res.partner']._search([('customer_managed', '=', True)])
        rows = self.env.execute_query(SQL(
            """SELECT COALESCE(p.country_id, 0), COALESCE(p.state_id, 0), COALESCE(%(culture)s, 0), %(today)s, count(*)
                 FROM res_partner p
                WHERE p.id IN %(visible)s
                  AND p.id IN (SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%(ids)s))
             GROUP BY 1, 2, 3, 4""",
            culture=self.env['customer.culture']._partner_sql('p'), visible=query.subselect(), ids=list(partner_ids),
            today=clock._today_sql(clock._customer_zone_sql(SQL("p")))))
        days = [row[3] for row in rows]
        sides = self.env['customer.suitability']._sides({row[:3] for row in rows}, min(days), max(days)) if rows else {}
        found = {'culture': 0, 'customer_day': 0, '': 0}
        for *key, day, count in rows:
            found[sides[tuple(key)].verdict(day, channel.id or 0).kind] += count
        return sum(found.values()), found['culture'], found['customer_day']

    # ------------------------------------------------------------
    # DAYS IN THE READER'S LANGUAGE, AND HTML
    # ------------------------------------------------------------

    @api.model
    def _locale(self):
        return babel_locale_parse(get_lang(self.env).code)

    @api.model
    def _date(self, day):
        """Return a day with its weekday, the way the language writes it short: Tue, Mar 24 or 3月24日周二."""
        return format_skeleton('MMMEd', day, locale=self._locale())

    @api.model
    def _when(self, look):
        """Return the day asked about as part of a sentence."""
        return self.env._("today") if look.day == look.today else self.env._("on %(day)s", day=self._date(look.day))

    @api.model
    def _until(self, day, seen_from):
        """Return a day without its weekday, with the year only when that is another one."""
        return format_skeleton('MMMMd' if day.year == seen_from.year else 'yMMMd', day, locale=self._locale())

    @api.model
    def _span(self, start, end):
        """Return a stretch of days."""
        if start == end:
            return self._date(start)
        return format_interval(start, end, 'MMMd' if start.year == end.year else 'yMMMd', locale=self._locale())

    @api.model
    def _render(self, template, **values):
        """Return one of the templates of the wing as HTML."""
        return self.env['ir.qweb']._render(f'customer_success.{template}', values)

    @api.model
    def _card(self, partner, advice):
        """Return the card with the advice on a customer, empty when neither country nor profile say anything."""
        if not advice['culture'] and not partner.country_id:
            return Markup()
        notice = advice['notice_days'] and self.env._("%(days)s ahead", days=in_days(self.env, advice['notice_days']))
        return self._render(
            'culture_card', advice=advice, notice=notice, channels=format_list(self.env, advice['channels'], style='unit'))

    @api.model
    def _alert(self, advice, notes=()):
        """Return what is wrong with a day or a channel, or else what speaks for it; empty when there is nothing to say.

        :param notes: sentences to add to the warnings
        """
        warnings = [*advice['warnings'], *notes]
        welcome = [] if warnings else [line for line in advice['now'] if line['level'] == 'success']
        if not warnings and not welcome and not advice['hints']:
            return Markup()
        return self._render(
            'culture_alert', warnings=warnings, better=advice['better'], welcome=welcome, hints=advice['hints'],
            level='danger' if advice['stops'] else 'warning')
