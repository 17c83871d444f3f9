"""Insights: facts of ads, grouped and worded as the service words them."""

import json

import meta_fields
import meta_params as params
from meta_account import PURCHASE_TYPES
from meta_params import invalid

KIND_LEVEL = {'AdAccount': 'account', 'Campaign': 'campaign', 'AdSet': 'adset', 'Ad': 'ad'}
LEVEL_KIND = {level: kind for kind, level in KIND_LEVEL.items()}
DEFAULT_FIELDS = {'account': 'account_id', 'campaign': 'account_id,campaign_id',
                  'adset': 'account_id,campaign_id,adset_id',
                  'ad': 'account_id,campaign_id,adset_id,ad_id'}


def object_filters():
    legal = {}
    for level, kind in (('campaign', 'Campaign'), ('adset', 'AdSet'), ('ad', 'Ad')):
        legal[level + '.id'] = 'id'
        legal[level + '.name'] = 'text'
        legal[level + '.effective_status'] = 'enum'
    legal.update({'objective': 'enum', 'action_type': 'enum'})
    legal.update(dict.fromkeys(meta_fields.METRICS, 'number'))
    return legal


class Report:
    """One insights request, checked; groups() and row() answer it."""

    def __init__(self, account, kind, node, request, restate=0):
        self.account = account
        self.kind, self.node = kind, node
        self.restate = restate
        own = KIND_LEVEL[kind]
        self.level = params.enum_param(request, 'level', meta_fields.LEVELS, own)
        if meta_fields.LEVELS.index(self.level) < meta_fields.LEVELS.index(own):
            raise invalid('Level %s is not valid for a node of type %s' % (self.level, kind))
        text = request.param('fields') or DEFAULT_FIELDS[self.level] + ',impressions,spend'
        fields = params.parse_fields(text)
        params.check_fields('AdsInsights', fields)
        self.fields = [name for name, _ in fields]
        self.windows = [window for window in params.list_param(
            request, 'action_attribution_windows', meta_fields.WINDOWS) or []
            if window not in meta_fields.DEAD_WINDOWS]
        params.enum_param(request, 'action_report_time', meta_fields.REPORT_TIMES)
        for name in ('use_unified_attribution_setting', 'use_account_attribution_setting'):
            params.bool_param(request, name)
        for name in ('breakdowns', 'action_breakdowns'):
            refuse_breakdown(request, name)
        self.ranges = self.read_ranges(request)
        self.filters = params.parse_filters(request, object_filters())
        self.sort = read_sort(request)

    def read_ranges(self, request):
        today = self.account.today
        one = params.json_param(request, 'time_range', dict)
        many = params.json_param(request, 'time_ranges', list)
        increment = request.param('time_increment', 'all_days')
        if increment not in ('all_days', 'monthly') and not (
                increment.isdigit() and 1 <= int(increment) <= 90):
            raise invalid('Param time_increment must be one of 1 to 90, monthly or all_days')
        preset = params.enum_param(request, 'date_preset', meta_fields.PRESETS)
        if many is not None:
            if increment != 'all_days':
                raise invalid('time_increment cannot be used with time_ranges')
            return [params.day_range(value, today) for value in many]
        if one is not None:
            since, until = params.day_range(one, today)
        else:
            since, until = params.preset_range(preset or 'last_30d', today, self.account.first)
        return params.buckets(since, until, increment)

    # -- grouping ------------------------------------------------------------

    def chain(self, fact):
        """The objects a fact belongs to, by level."""
        _, ad = self.account.by_id[fact.ad_id]
        _, adset = self.account.by_id[ad['adset_id']]
        _, campaign = self.account.by_id[ad['campaign_id']]
        return {'account': self.account.fields, 'campaign': campaign, 'adset': adset, 'ad': ad}

    def wanted(self, chain):
        """Whether the node, its visibility and the object filters take a fact."""
        if chain[KIND_LEVEL[self.kind]]['id'] != self.node['id']:
            return False
        asked = set()
        for field, operator, value in self.filters:
            level, _, name = field.partition('.')
            if field == 'objective':
                level, name = 'campaign', 'objective'
            if not name:
                continue
            if name == 'effective_status':
                asked.add(level)
            if not params.holds(chain[level][name], operator, value):
                return False
        # below the account, rows of archived objects come only when asked for
        return self.level == 'account' or self.level in asked or \
            chain[self.level]['effective_status'] not in meta_fields.HIDDEN

    def groups(self):
        """[(start, stop, facts)] in the order of the answer, each with a row."""
        groups, order, chains = {}, {}, {}
        for index, (start, stop) in enumerate(self.ranges):
            for fact in self.account.facts(start, stop):
                if fact.ad_id not in chains:
                    chain = self.chain(fact)
                    chains[fact.ad_id] = chain[self.level] if self.wanted(chain) else None
                item = chains[fact.ad_id]
                if item is not None:
                    order.setdefault(item['id'], len(order))
                    groups.setdefault((order[item['id']], index), (start, stop, []))[2].append(
                        fact)
        result = [groups[key] for key in sorted(groups)]
        for field, operator, value in self.filters:
            if field in meta_fields.METRICS:
                result = [group for group in result
                          if params.holds(as_number(self.metrics(group[2]).get(field)),
                                          operator, value)]
        for name, down in reversed(self.sort):
            result.sort(key=lambda group: as_number(self.metrics(group[2]).get(name)) or 0,
                        reverse=down)
        return result

    # -- one row -----------------------------------------------------------------

    def row(self, group):
        start, stop, facts = group
        known = dict(self.identity(facts[0]), **self.metrics(facts))
        known.update(self.actions(facts, known))
        row = {name: known[name] for name in self.fields if name in known}
        row['date_start'], row['date_stop'] = start.isoformat(), stop.isoformat()
        return row

    def identity(self, fact):
        chain = self.chain(fact)
        depth = meta_fields.LEVELS.index(self.level)
        known = {'account_currency': self.account.fields['currency'],
                 'attribution_setting': '7d_click_1d_view'}
        for level in meta_fields.LEVELS[:depth + 1]:
            known[level + '_name'] = chain[level]['name']
            known[level + '_id'] = chain[level]['id']
        known['account_id'] = self.account.number
        if depth >= 1:
            known['objective'] = chain['campaign']['objective']
            known['buying_type'] = chain['campaign']['buying_type']
        if depth >= 2:
            known['optimization_goal'] = chain['adset']['optimization_goal']
        if depth == 3:
            for name in ('quality', 'engagement_rate', 'conversion_rate'):
                known[name + '_ranking'] = ('AVERAGE', 'ABOVE_AVERAGE', 'UNKNOWN')[
                    int(fact.ad_id[-1]) % 3]
        for name in ('created_time', 'updated_time'):
            known[name] = chain[self.level].get(name, chain['account']['created_time'])[:10]
        return known

    def metrics(self, facts):
        """The plain metrics: counters always, ratios only where defined."""
        total = {name: sum(getattr(fact, name) for fact in facts) for name in (
            'spend', 'impressions', 'clicks', 'link_clicks', 'reach')}
        if len(facts) > 1:      # people are counted once
            total['reach'] = max(max(f.reach for f in facts), total['reach'] * 88 // 100)
        spend = total['spend'] / self.account.offset
        shown, clicks, links = total['impressions'], total['clicks'], total['link_clicks']
        known = {'spend': text(spend, 2), 'social_spend': '0', 'impressions': str(shown),
                 'clicks': str(clicks), 'reach': str(total['reach']),
                 'inline_link_clicks': str(links), 'inline_post_engagement': str(clicks + links)}
        for name, top, bottom in (
                ('frequency', shown, total['reach']), ('cpm', 1000 * spend, shown),
                ('cpp', 1000 * spend, total['reach']), ('cpc', spend, clicks),
                ('ctr', 100 * clicks, shown), ('inline_link_click_ctr', 100 * links, shown),
                ('cost_per_inline_link_click', spend, links)):
            if bottom:
                known[name] = text(top / bottom)
        return known

    def actions(self, facts, known):
        """The list metrics; those without an entry are left out."""
        counts, values, viewed = {}, {}, {}
        for fact in facts:
            bought, earned = self.restated(fact)
            for kind, number in (
                    ('link_click', fact.link_clicks), ('post_engagement', fact.clicks),
                    ('page_engagement', fact.clicks), ('video_view', fact.impressions // 30),
                    ('landing_page_view', fact.link_clicks * 4 // 5),
                    ('add_to_cart', fact.carts), ('omni_add_to_cart', fact.carts),
                    ('initiate_checkout', fact.checkouts),
                    ('omni_initiated_checkout', fact.checkouts)):
                counts[kind] = counts.get(kind, 0) + number
            for kind in fact.types if fact.types is not None else PURCHASE_TYPES:
                counts[kind] = counts.get(kind, 0) + bought
                values[kind] = values.get(kind, 0) + earned
                viewed[kind] = viewed.get(kind, 0) + fact.viewed
        kinds = [field for field in self.filters if field[0] == 'action_type']
        entries, money = [], []
        for kind, number in sorted(counts.items()):
            if not number or not all(params.holds(kind, op, v) for _, op, v in kinds):
                continue
            shares = windows(number, viewed.get(kind, 0))
            entries.append(self.entry(kind, number, shares))
            if kind in values:
                unit = values[kind] / self.account.offset / number
                money.append(self.entry(kind, values[kind] / self.account.offset,
                                        {w: unit * n for w, n in shares.items()}))
        return self.lists(entries, money, known)

    def restated(self, fact):
        """Purchases and value, grown by the knob in the last 28 days."""
        age = (self.account.today - fact.day).days
        if not self.restate or age > 28 or not fact.purchases:
            return fact.purchases, fact.value
        bought = fact.purchases + max(1, round(fact.purchases * self.restate / 100))
        return bought, round(fact.value * bought / fact.purchases)

    def entry(self, kind, value, shares):
        entry = {'action_type': kind, 'value': text(value)}
        for window in self.windows:
            if shares.get(window):
                entry[window] = text(shares[window])
        return entry

    def lists(self, entries, money, known):
        spend = float(known['spend'])
        found = {'actions': entries, 'action_values': money}
        found['cost_per_action_type'] = [
            {'action_type': e['action_type'], 'value': text(spend / float(e['value']))}
            for e in entries]
        pixel = 'offsite_conversion.fb_pixel_purchase'
        for name, kind in (('purchase_roas', 'omni_purchase'), ('website_purchase_roas', pixel)):
            found[name] = [{'action_type': kind, 'value': text(float(e['value']) / spend)}
                           for e in money if e['action_type'] == kind and spend]
        links = [e for e in entries if e['action_type'] == 'link_click']
        found['outbound_clicks'] = [dict(e, action_type='outbound_click') for e in links]
        shown = int(known['impressions'])
        for name, kind in (('outbound_clicks_ctr', 'outbound_click'),
                           ('website_ctr', 'link_click')):
            found[name] = [{'action_type': kind, 'value': text(100 * float(e['value']) / shown)}
                           for e in links if shown]
        videos = [e for e in entries if e['action_type'] == 'video_view']
        for quarter, share in ((25, 2), (50, 3), (75, 5), (100, 8)):
            found['video_p%d_watched_actions' % quarter] = [
                {'action_type': 'video_view', 'value': str(int(e['value']) // share)}
                for e in videos if int(e['value']) // share]
        return {name: value for name, value in found.items() if value}


def windows(number, viewed):
    """How a count divides over the attribution windows; default is 7d_click + 1d_view."""
    clicked = number - viewed
    return {'1d_click': clicked * 4 // 5, '7d_click': clicked,
            '28d_click': clicked + clicked // 10, '1d_view': viewed, 'dda': number}


def text(value, digits=6):
    """A number as the service writes it: a string, trailing zeros trimmed."""
    if isinstance(value, int):
        return str(value)
    result = '%.*f' % (digits, value)
    return result.rstrip('0').rstrip('.')


def as_number(value):
    return None if value is None else float(value)


def refuse_breakdown(request, name):
    """Breakdowns are not simulated: anything but the default is refused."""
    value = request.param(name)
    if value is None:
        return
    items = json.loads(value) if value.lstrip()[:1] == '[' else value.split(',')
    if name == 'action_breakdowns' and items == ['action_type']:
        return
    raise params.GraphError('(#100) Current combination of data breakdown columns (%s) is invalid'
                            % ', '.join(items), code=100, subcode=1504041)


def read_sort(request):
    result = []
    value = request.param('sort')
    if value is None:
        return result
    for item in params.json_param(request, 'sort', list) if value.lstrip()[:1] == '[' \
            else value.split(','):
        name, _, direction = str(item).rpartition('_')
        if name not in meta_fields.METRICS or direction not in ('ascending', 'descending'):
            raise invalid('Sort by %s is not supported' % item)
        result.append((name, direction == 'descending'))
    return result
