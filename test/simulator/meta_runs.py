"""Asynchronous report runs: insights that are made by and by, then read in pages.

Knobs (of service "meta"):
    run_seconds=N      how long a run takes (default 1)
    run_ends=TEXT      how it ends instead of "Job Completed": "Job Failed", "Job Skipped"
    run_percent=N      the percentage of a run that says it is completed (100)
"""

import time

import meta_fields
import meta_params as params
from kit import Request
from meta_insights import Report
from meta_params import GraphError, invalid

FIRST = 6023920149050
FIELDS = ('id', 'account_id', 'time_ref', 'time_completed', 'async_status',
          'async_percent_completion', 'date_start', 'date_stop', 'is_running', 'error_code',
          'error_subcode', 'error_message', 'error_user_title', 'error_user_msg')


class Run:
    """One report run; what it answers is that of the moment it was made."""

    def __init__(self, service, number, account, kind, node, request):
        self.service, self.number, self.account = service, number, account
        asked = Request('GET', '%s?%s' % (request.target, request.body.decode('utf-8')),
                        request.headers, b'')
        if request.raw_query:
            raise invalid('Parameters of a report run belong into its form')
        if 'x-www-form-urlencoded' not in request.headers.get('content-type', ''):
            raise invalid('A report run is asked for with a form')
        params.check_known(asked, meta_fields.COMMON + ('limit',)
                           + meta_fields.EDGE_PARAMETERS['insights'])
        self.report = Report(account, kind, node, asked, float(service.knob('restate', 0)))
        self.groups = self.report.groups()
        self.made = time.time()
        self.seconds = float(service.knob('run_seconds', 1))

    def status(self):
        """(status, percent)"""
        done = (time.time() - self.made) / max(self.seconds, 0.001)
        if done < 0.1:
            return 'Job Not Started', 0
        if done < 1:
            return 'Job Running', int(100 * done)
        ends = self.service.knob('run_ends', 'Job Completed')
        return ends, int(self.service.knob('run_percent', 100)) \
            if ends == 'Job Completed' else 0

    def show(self, request):
        params.check_known(request, meta_fields.COMMON)
        status, percent = self.status()
        ranges = self.report.ranges
        known = {'id': str(self.number), 'account_id': self.account.number,
                 'time_ref': int(self.made), 'async_status': status,
                 'async_percent_completion': percent,
                 'date_start': ranges[0][0].isoformat(), 'date_stop': ranges[-1][1].isoformat(),
                 'is_running': status in ('Job Not Started', 'Job Running')}
        if status == 'Job Completed':
            known['time_completed'] = int(self.made + self.seconds)
        if status == 'Job Failed':
            known.update(error_code=2, error_subcode=1504044,
                         error_message='Service temporarily unavailable',
                         error_user_title='Report failed',
                         error_user_msg='The report could not be made.')
        wanted = request.param('fields')
        for name, _ in params.parse_fields(wanted) if wanted else ():
            if name not in FIELDS:
                raise invalid('Tried accessing nonexisting field (%s) on node type (AdReportRun)'
                              % name)
        return known

    def page(self, request):
        params.check_known(request, meta_fields.COMMON + meta_fields.PAGING)
        if self.status() != ('Job Completed', 100):
            raise GraphError('(#2601) Loading Async Request Results: the job is not completed',
                             code=2601)
        return self.service.page(request, self.groups, self.report.row)


class Runs:
    """Those of one world, by number."""

    def __init__(self, service):
        self.service = service
        self.by_number = {}

    def make(self, request, account, kind, node):
        number = FIRST + len(self.by_number)
        self.by_number[str(number)] = Run(self.service, number, account, kind, node, request)
        return {'report_run_id': str(number)}

    def answer(self, request, parts):
        run = self.by_number[parts[0]]
        if len(parts) == 1:
            return run.show(request)
        if parts[1:] == ['insights']:
            return run.page(request)
        raise GraphError('(#2500) Unknown path components: /%s' % '/'.join(parts[1:]), code=2500)
