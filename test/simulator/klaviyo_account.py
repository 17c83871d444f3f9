"""A simulated Klaviyo account: its objects, its events, what its mail did."""

import datetime

UTC = datetime.timezone.utc


class Event:
    """count events of one metric at one moment; value in cents or None."""

    __slots__ = ('at', 'count', 'value', 'profile', 'dimensions')

    def __init__(self, at, count=1, value=None, profile=None, dimensions=None):
        self.at = at                        # unix seconds
        self.count = count
        self.value = value
        self.profile = profile              # None: as many profiles as events
        self.dimensions = dimensions or {}  # by-name -> text


class Send:
    """What one message did, by the day it was sent (account zone)."""

    __slots__ = ('kind', 'sender_id', 'message_id', 'name', 'channel', 'day', 'numbers')

    def __init__(self, kind, sender_id, message_id, name, channel, day, **numbers):
        self.kind = kind                    # campaign or flow
        self.sender_id = sender_id
        self.message_id = message_id
        self.name = name
        self.channel = channel
        self.day = day
        self.numbers = numbers              # counts; value in cents


class Account:
    """Lists of JSON:API resources by type, and the two streams of facts."""

    purchase_metric = 'RESQ6t'

    def __init__(self, zone, today):
        self.zone = zone
        self.today = today                  # in the account's zone
        self.attributes = {}
        self.resources = {'account': [], 'metric': [], 'campaign': [], 'flow': [], 'list': [],
                          'campaign-message': []}
        self.list_counts = {}

    def add(self, kind, item_id, attributes, relationships=None, **hidden):
        """A resource; hidden facts (channel of a campaign) are not shown."""
        self.resources[kind].append({'id': item_id, 'attributes': attributes,
                                     'relationships': relationships or {}, 'hidden': hidden})

    def add_metric(self, item_id, name, created, integration=('0eMvjm', 'Shopify', 'eCommerce')):
        self.add('metric', item_id, {
            'name': name, 'created': created, 'updated': created,
            'integration': integration and {'object': 'integration', 'id': integration[0],
                                            'name': integration[1], 'category': integration[2]}})

    def add_campaign(self, item_id, message_id, name, channel, status='Sent', archived=False,
                     created=None, updated=None, scheduled=None, sent=None, subject=None):
        self.add('campaign', item_id, {
            'name': name, 'status': status, 'archived': archived,
            'audiences': {'included': ['Y6nRLr'], 'excluded': []},
            'send_options': {'use_smart_sending': channel == 'email'},
            'tracking_options': {'is_add_utm': True, 'utm_params': []} if channel == 'email'
            else None,
            'send_strategy': {'method': 'static', 'datetime': scheduled} if scheduled
            else {'method': 'immediate'},
            'created_at': created, 'updated_at': updated or created, 'scheduled_at': scheduled,
            'send_time': sent},
            {'campaign-messages': {'data': [{'type': 'campaign-message', 'id': message_id}]},
             'tags': {'data': []}}, channel=channel)
        self.add('campaign-message', message_id, {
            'definition': {'channel': channel, 'label': name, 'content': {
                'subject': subject or name, 'preview_text': '', 'from_email': 'hi@brand.example',
                'from_label': 'Brand', 'reply_to_email': 'hi@brand.example'}
                if channel == 'email' else {'body': subject or name}},
            'send_times': [{'datetime': sent, 'is_local': False}] if sent else [],
            'created_at': created, 'updated_at': updated or created},
            {'campaign': {'data': {'type': 'campaign', 'id': item_id}}}, campaign=item_id)

    def add_flow(self, item_id, name, trigger, created, status='live', archived=False,
                 updated=None):
        self.add('flow', item_id, {'name': name, 'status': status, 'archived': archived,
                                   'created': created, 'updated': updated or created,
                                   'trigger_type': trigger},
                 {'flow-actions': {'data': []}, 'tags': {'data': []}})

    def add_list(self, item_id, name, created, count, opt_in='single_opt_in', updated=None):
        self.add('list', item_id, {'name': name, 'created': created,
                                   'updated': updated or created, 'opt_in_process': opt_in},
                 {'profiles': {}, 'tags': {'data': []}, 'flow-triggers': {'data': []}})
        self.list_counts[item_id] = count

    def profiles(self):
        """The profile resources; made on demand, they may be many."""
        return []

    def events(self, metric_id, since, until):
        """Events of a metric with since <= at < until (unix seconds)."""
        return []

    def sends(self, kind, first, last):
        """The Sends of campaigns or flows of the days first..last."""
        return []


def stamp(seconds, micro=None):
    """A timestamp as Klaviyo writes it: seconds, or microseconds on newer objects."""
    moment = datetime.datetime.fromtimestamp(seconds, UTC)
    if micro is not None:
        moment = moment.replace(microsecond=micro)
    return moment.isoformat()


def profile(item_id, email, created, updated, phone=None, external_id=None, first=None, last=None,
            location=None, last_event=None, properties=None, **more):
    return {'id': item_id, 'attributes': {
        'email': email, 'phone_number': phone, 'external_id': external_id, 'first_name': first,
        'last_name': last, 'organization': more.get('organization'), 'locale': more.get('locale'),
        'title': more.get('title'), 'image': None, 'created': created, 'updated': updated,
        'last_event_date': last_event,
        'location': dict(dict.fromkeys(('address1', 'address2', 'city', 'country', 'latitude',
                                        'longitude', 'region', 'zip', 'timezone', 'ip')),
                         **(location or {})),
        'properties': properties or {}}, 'relationships': {}, 'hidden': {}}
