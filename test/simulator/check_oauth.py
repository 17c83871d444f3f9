"""Self-checks of oauth.py: rotation, one previous token, reuse."""

import base64

from checking import Case

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}


class OAuthCase(Case):

    def ask(self, token, secret='oauth_secret', headers=None):
        form = 'grant_type=refresh_token&refresh_token=' + token
        if headers is None:
            form += '&client_id=oauth_client&client_secret=' + secret
        status, answer, _ = self.sim.call('/small/oauth/token', form.encode(),
                                          {**FORM, **(headers or {})})
        return status, answer

    def first(self):
        return self.sim.call('/_control/oauth')[1]['first']

    def test_rotates(self):
        status, answer = self.ask(self.first())
        self.assertEqual(status, 200)
        self.assertEqual(answer['expires_in'], 3600)
        self.assertNotEqual(answer['refresh_token'], self.first())
        self.assertEqual(self.ask(answer['refresh_token'])[0], 200)

    def test_takes_the_previous_one_until_the_new_one_is_used(self):
        lost = self.ask(self.first())[1]['refresh_token']
        status, answer = self.ask(self.first())
        self.assertEqual(status, 200)
        self.assertEqual(self.ask(answer['refresh_token'])[0], 200)
        status, answer = self.ask(lost)
        self.assertEqual((status, answer['error']), (400, 'invalid_grant'))

    def test_reuse_revokes_the_family(self):
        token = self.ask(self.first())[1]['refresh_token']
        token = self.ask(token)[1]['refresh_token']
        self.assertIn('used before', self.ask(self.first())[1]['error_description'])
        self.assertEqual(self.ask(token)[0], 400)
        again = self.sim.call('/_control/consent')[1]['token']
        self.assertEqual(self.ask(again)[0], 200)

    def test_without_grace_a_lost_answer_is_final(self):
        self.sim.control('set', world='small', service='oauth', grace=False)
        self.ask(self.first())
        self.assertEqual(self.ask(self.first())[0], 400)

    def test_client_in_the_header(self):
        self.sim.control('set', world='small', service='oauth', basic=True)
        self.assertEqual(self.ask(self.first())[0], 400)
        header = base64.b64encode(b'oauth_client:oauth_secret').decode()
        status, _ = self.ask(self.first(), headers={'Authorization': 'Basic ' + header})
        self.assertEqual(status, 200)

    def test_wrong_client(self):
        self.assertEqual(self.ask(self.first(), secret='x')[1]['error'], 'invalid_client')

    def test_opens_sheets(self):
        token = self.ask(self.first())[1]['access_token']
        status, _, _ = self.sim.call('/small/sheets/v4/spreadsheets/sim-cash', None,
                                     {'Authorization': 'Bearer ' + token})
        self.assertIn(status, (200, 404))
