"""Klaviyo's queries by POST: metric aggregates and values reports."""

import datetime
import math
from bisect import bisect_right
from zoneinfo import ZoneInfo, available_timezones

import klaviyo_filter
import klaviyo_tables as tables
from klaviyo_account import UTC, stamp
from klaviyo_filter import instant, invalid

POINTER = '/data/attributes/'


def attributes(body, kind, required, optional):
    """The checked attributes of a POST body."""
    data = body.get('data') if isinstance(body, dict) else None
    if not isinstance(data, dict):
        raise invalid("The payload provided in the request is invalid: 'data' is required.",
                      pointer='/data')
    if data.get('type') != kind:
        raise invalid("'%s' is not a valid value for type; expected '%s'."
                      % (data.get('type'), kind), pointer='/data/type')
    found = data.get('attributes')
    if not isinstance(found, dict):
        raise invalid("'attributes' is a required field for the resource '%s'." % kind,
                      pointer='/data/attributes')
    for name in required:
        if found.get(name) is None:
            raise invalid("'%s' is a required field for the resource '%s'." % (name, kind),
                          pointer=POINTER + name)
    for name in found:
        if name not in required + optional:
            raise invalid("'%s' is not a valid field for the resource '%s'." % (name, kind),
                          pointer=POINTER + name)
    return found


def each_of(values, legal, name):
    if not isinstance(values, list) or not values:
        raise invalid("'%s' must be a non-empty list." % name, pointer=POINTER + name)
    for value in values:
        if value not in legal:
            raise invalid("'%s' is not a valid value for '%s'." % (value, name),
                          pointer=POINTER + name)
    return values


# ---- metric aggregates -----------------------------------------------------------

class Aggregate:
    """One metric-aggregates request, checked."""

    def __init__(self, account, body):
        self.account = account
        found = attributes(body, 'metric-aggregate', ('metric_id', 'measurements', 'filter'),
                           ('interval', 'by', 'timezone', 'page_size', 'page_cursor',
                            'return_fields', 'sort'))
        self.metric = found['metric_id']
        if all(item['id'] != self.metric for item in account.resources['metric']):
            raise invalid("Metric with id '%s' does not exist." % self.metric,
                          pointer=POINTER + 'metric_id')
        self.measurements = each_of(found['measurements'], tables.MEASUREMENTS, 'measurements')
        self.by = each_of(found['by'], tables.BY, 'by') if found.get('by') else []
        self.interval = found.get('interval', 'day')
        if self.interval not in tables.INTERVALS:
            raise invalid("'%s' is not a valid value for 'interval'." % self.interval,
                          pointer=POINTER + 'interval')
        self.zone = read_zone(found.get('timezone', 'UTC'))
        self.size = found.get('page_size', 500)
        if not isinstance(self.size, int) or isinstance(self.size, bool) or not \
                1 <= self.size <= 500:
            raise invalid("'page_size' must be between 1 and 500.", pointer=POINTER + 'page_size')
        self.sort = found.get('sort')
        if self.sort is not None and str(self.sort).lstrip('-') not in self.by:
            raise invalid("'%s' is not a valid value for 'sort'." % self.sort,
                          pointer=POINTER + 'sort')
        self.conditions = []
        self.read_filter(found['filter'])
        self.cursor = found.get('page_cursor')

    def read_filter(self, texts):
        if isinstance(texts, str):
            texts = [texts]
        if not isinstance(texts, list):
            raise invalid("'filter' must be a list.", pointer=POINTER + 'filter')
        bounds = {}
        for text in texts:
            for call in klaviyo_filter.parse(str(text), pointer=POINTER + 'filter'):
                self.read_call(call, bounds, str(text))
        if set(bounds) != {'greater-or-equal', 'less-than'}:
            raise invalid("The filter must contain one 'greater-or-equal' and one 'less-than' on "
                          "datetime.", pointer=POINTER + 'filter')
        self.since, self.until = bounds['greater-or-equal'], bounds['less-than']
        if self.until <= self.since:
            raise invalid('Invalid filter provided: the end of the range must be after its start.',
                          pointer=POINTER + 'filter')
        if self.until - self.since > datetime.timedelta(days=366, hours=1):
            raise invalid('Invalid filter provided: the range must not exceed 1 year.',
                          pointer=POINTER + 'filter')

    def read_call(self, call, bounds, text):
        wrong = invalid('Invalid filter provided: %s' % text, pointer=POINTER + 'filter')
        if call.field == 'datetime':
            moment = instant(call.value) if isinstance(call.value, str) else None
            if call.op not in ('greater-or-equal', 'less-than') or call.op in bounds or \
                    moment is None:
                raise wrong
            bounds[call.op] = moment if moment.tzinfo else moment.replace(tzinfo=self.zone)
            return
        negated = call.op == 'not'
        inner = call.value[0] if negated and len(call.value) == 1 else call
        if inner.op != 'equals' or inner.field not in tables.BY or \
                not isinstance(inner.value, str):
            raise wrong
        self.conditions.append((inner.field, inner.value, negated))

    def starts(self):
        """The local starts of the buckets, as instants."""
        at = self.since.astimezone(self.zone).replace(tzinfo=None, minute=0, second=0,
                                                      microsecond=0)
        if self.interval != 'hour':
            at = at.replace(hour=0)
        if self.interval == 'week':
            at -= datetime.timedelta(days=at.weekday())
        if self.interval == 'month':
            at = at.replace(day=1)
        found = []
        if self.interval == 'hour':         # real hours, also where clocks change
            moment = at.replace(tzinfo=self.zone).astimezone(UTC)
            while moment < self.until:
                found.append(moment)
                moment += datetime.timedelta(hours=1)
            return found
        while at.replace(tzinfo=self.zone) < self.until:
            found.append(at.replace(tzinfo=self.zone).astimezone(UTC))
            if self.interval == 'month':
                at = (at.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
            else:
                at += datetime.timedelta(days=7 if self.interval == 'week' else 1)
        return found

    def rows(self, starts):
        """[(dimensions, {measurement: [floats]})], by dimensions."""
        edges = [start.timestamp() for start in starts]
        table, people = {}, {}
        for event in self.account.events(self.metric, self.since.timestamp(),
                                         self.until.timestamp()):
            known = event.dimensions
            if any((known.get(field, '') == value) == negated
                   for field, value, negated in self.conditions):
                continue
            slot = bisect_right(edges, event.at) - 1
            key = tuple(known.get(field, '') for field in self.by)
            row = table.get(key)
            if row is None:
                row = table[key] = {m: [0.0] * len(edges) for m in tables.MEASUREMENTS}
            row['count'][slot] += event.count
            row['sum_value'][slot] += (event.value or 0) / 100
            if event.profile is None:
                row['unique'][slot] += event.count
            elif (key, slot, event.profile) not in people:
                people[key, slot, event.profile] = True
                row['unique'][slot] += 1
        if not self.by and not table:
            table[()] = {m: [0.0] * len(edges) for m in tables.MEASUREMENTS}
        keys = sorted(table)
        if self.sort:
            place = self.by.index(self.sort.lstrip('-'))
            keys.sort(key=lambda key: key[place], reverse=self.sort.startswith('-'))
        return [(list(key), {m: [round(v, 2) for v in table[key][m]] for m in self.measurements})
                for key in keys]


def read_zone(name):
    if name in tables.REFUSED_ZONES or name not in available_timezones():
        raise invalid("'%s' is not a valid timezone." % name, pointer=POINTER + 'timezone')
    return ZoneInfo(name)


# ---- values reports ---------------------------------------------------------------

class ValuesReport:
    """One campaign or flow values report, checked."""

    def __init__(self, account, body, kind, restate=0):
        self.account, self.kind, self.restate = account, kind, restate
        found = attributes(body, kind + '-values-report',
                           ('statistics', 'timeframe', 'conversion_metric_id'),
                           ('group_by', 'filter'))
        self.statistics = each_of(found['statistics'], tables.STATISTICS, 'statistics')
        self.metric = found['conversion_metric_id']
        if all(item['id'] != self.metric for item in account.resources['metric']):
            raise invalid("Metric IDs ['%s'] do not exist." % self.metric,
                          pointer=POINTER + 'conversion_metric_id')
        own = [kind + '_id', kind + '_message_id']
        self.groups = found.get('group_by') or own + ['send_channel']
        each_of(self.groups, tables.GROUPS[kind], 'group_by')
        if any(name not in self.groups for name in own):
            raise invalid("'group_by' must contain %s." % ' and '.join(own),
                          pointer=POINTER + 'group_by')
        self.conditions = []
        if found.get('filter') is not None:
            self.read_filter(found['filter'])
        self.first, self.last = read_timeframe(found['timeframe'], account.today)

    def read_filter(self, text):
        calls = klaviyo_filter.parse(str(text), pointer=POINTER + 'filter')
        if len(calls) > 1:      # joined by and(...) only, unlike elsewhere
            raise invalid('Invalid filter provided: %s' % text, pointer=POINTER + 'filter')
        if calls[0].op == 'and':
            calls = calls[0].value
        seen = set()
        for call in calls:
            values = call.value if isinstance(call.value, list) else [call.value]
            legal = {'equals': not isinstance(call.value, list),
                     'contains-any': isinstance(call.value, list)}.get(call.op, False)
            if not legal or len(values) > 100 or \
                    call.field in seen or call.field not in (
                        self.kind + '_id', self.kind + '_message_id', 'send_channel', 'flow_name',
                        'campaign_message_name', 'flow_message_name'):
                raise invalid('Invalid filter provided: %s' % text, pointer=POINTER + 'filter')
            if call.field == 'send_channel' and set(values) - set(tables.SEND_CHANNELS):
                raise invalid("Invalid filter provided: '%s' is not a valid send_channel."
                              % values[0], pointer=POINTER + 'filter')
            seen.add(call.field)
            self.conditions.append((call.field, values))

    def results(self):
        """[{groupings, statistics}] of what was sent within the timeframe."""
        table = {}
        for send in self.account.sends(self.kind, self.first, self.last):
            known = {self.kind + '_id': send.sender_id, self.kind + '_message_id': send.message_id,
                     'send_channel': send.channel, self.kind + '_message_name': send.name,
                     'flow_name': send.name}
            if any(known.get(field) not in values for field, values in self.conditions):
                continue
            key = tuple(known.get(name, '') for name in self.groups)
            sums = table.setdefault(key, {})
            numbers = dict(send.numbers)
            if self.metric != self.account.purchase_metric:
                numbers.update(conversions=0, conversion_uniques=0, value=0)
            elif self.restate and (self.account.today - send.day).days <= 7:
                more = max(1, round(numbers['conversions'] * self.restate / 100))
                unit = numbers['value'] // max(1, numbers['conversions']) or 5000
                numbers['conversions'] += more
                numbers['conversion_uniques'] += more
                numbers['value'] += more * unit
            for name, value in numbers.items():
                sums[name] = sums.get(name, 0) + value
        return [{'groupings': dict(zip(self.groups, key)),
                 'statistics': {name: statistic(name, table[key]) for name in self.statistics}}
                for key in sorted(table)]


RATES = {
    'delivery_rate': ('delivered', 'recipients'), 'open_rate': ('opens_unique', 'delivered'),
    'click_rate': ('clicks_unique', 'delivered'),
    'click_to_open_rate': ('clicks_unique', 'opens_unique'),
    'bounce_rate': ('bounced', 'recipients'), 'failed_rate': ('failed', 'recipients'),
    'bounced_or_failed_rate': ('bounced', 'recipients'),
    'unsubscribe_rate': ('unsubscribes', 'delivered'),
    'spam_complaint_rate': ('spam_complaints', 'delivered'),
    'conversion_rate': ('conversion_uniques', 'recipients'),
}


def statistic(name, sums):
    """One value of a report: a float, 0.0 where nothing happened."""
    if name in RATES:
        top, bottom = (sums.get(part, 0) for part in RATES[name])
        return round(top / bottom, 6) if bottom else 0.0
    if name in ('conversion_value', 'average_order_value', 'revenue_per_recipient'):
        value = sums.get('value', 0) / 100
        below = {'conversion_value': 1, 'average_order_value': sums.get('conversions', 0),
                 'revenue_per_recipient': sums.get('recipients', 0)}[name]
        return round(value / below, 2) if below else 0.0
    return float(sums.get({'bounced_or_failed': 'bounced',
                           'unsubscribe_uniques': 'unsubscribes'}.get(name, name), 0))


def read_timeframe(value, today):
    """(first, last) day in the account's zone; offsets are ignored, as the service does."""
    wrong = invalid('Invalid timeframe provided.', pointer=POINTER + 'timeframe')
    day = datetime.timedelta(days=1)
    if not isinstance(value, dict):
        raise wrong
    if set(value) == {'key'}:
        if value['key'] not in tables.TIMEFRAMES:
            raise wrong
        return key_range(value['key'], today)
    if set(value) != {'start', 'end'}:
        raise wrong
    start, end = instant(str(value['start'])), instant(str(value['end']))
    if start is None or end is None or end.replace(tzinfo=None) < start.replace(tzinfo=None):
        raise wrong
    first, last = start.date(), end.date()
    if last > today:
        raise invalid('Invalid timeframe provided: the end date must not be in the future.',
                      pointer=POINTER + 'timeframe')
    if last - first > 366 * day:
        raise invalid('Invalid timeframe provided: the range must not exceed 1 year.',
                      pointer=POINTER + 'timeframe')
    return max(first, datetime.date(2023, 6, 1)), last


def key_range(key, today):
    day = datetime.timedelta(days=1)
    monday = today - day * today.weekday()
    month = today.replace(day=1)

    def months_back(count):
        index = month.year * 12 + month.month - 1 - count
        return datetime.date(index // 12, index % 12 + 1, 1)

    if key.startswith('last_') and key.endswith('_days'):
        return today - day * int(key.split('_')[1]), today - day
    return {
        'today': (today, today), 'yesterday': (today - day, today - day),
        'this_week': (monday, today), 'last_week': (monday - 7 * day, monday - day),
        'this_month': (month, today), 'last_month': (months_back(1), month - day),
        'last_3_months': (months_back(3), month - day),
        'last_12_months': (months_back(12), month - day),
        'this_year': (today.replace(month=1, day=1), today),
        'last_year': (datetime.date(today.year - 1, 1, 1),
                      datetime.date(today.year - 1, 12, 31))}[key]


def aggregate_json(request_self, query, cursor_of):
    """The answer's data object; rows beyond page_size are on the next page."""
    starts = query.starts()
    rows = query.rows(starts)
    at = cursor_of(query.cursor) if query.cursor else 0
    shown = rows[at:at + query.size]
    return ({'type': 'metric-aggregate', 'id': str(97540342 + math.floor(starts[0].timestamp())
                                                   % 1000),
             'attributes': {'dates': [stamp(start.timestamp()) for start in starts],
                            'data': [{'dimensions': dimensions, 'measurements': measurements}
                                     for dimensions, measurements in shown]},
             'links': {'self': request_self}},
            at + query.size if at + query.size < len(rows) else None)
