import * as auth from '../auth/schemas.js';
import type { Examples, Operations } from './operation.js';

/** What is sent, by name. */
export const bodies = {
  Login: auth.loginSchema,
  Registration: auth.registrationSchema,
  AccountChange: auth.accountChangeSchema,
  PasswordChange: auth.passwordChangeSchema,
  NewEmail: auth.emailChangeSchema,
  EmailConfirmation: auth.emailConfirmationSchema,
  Forgotten: auth.resetSchema,
  NewPassword: auth.newPasswordSchema,
};

/** They can be sent as they are, signed in as one of the demo's people. */
export const examples: Examples<typeof bodies> = {
  Login: { email: 'patient@example.org', password: 'carillon' },
  Registration: { email: 'ada@example.org', password: 'as long as I like', name: 'Ada Lovelace' },
  AccountChange: { name: 'Paula Brandt' },
  PasswordChange: { current: 'carillon', password: 'as long as I like' },
  NewEmail: { email: 'paula@example.org', password: 'carillon' },
  EmailConfirmation: { token: 'what stands behind the # of the link' },
  Forgotten: { email: 'patient@example.org' },
  NewPassword: { token: 'what stands behind the # of the link', password: 'as long as I like' },
};

/** Signing in, and the own account. */
export const signingInCalls: Operations<keyof typeof bodies> = {
  login: {
    call: 'POST /api/auth/login',
    summary: 'Sign in with e-mail address and password',
    access: 'public',
    body: 'Login',
    answer: { status: 200, body: 'LoginAnswer' },
    problems: ['auth_failed', 'rate_limited'],
  },
  refresh: {
    call: 'POST /api/auth/refresh',
    summary: 'A new token for the same session',
    answer: { status: 200, body: 'LoginAnswer' },
  },
  logout: {
    call: 'POST /api/auth/logout',
    summary: 'End the session, and its live connections with it',
    answer: { status: 204 },
  },
  sessions: {
    call: 'GET /api/auth/sessions',
    summary: 'Where one is signed in',
    answer: { status: 200, body: 'OpenLogins' },
  },
  endSession: {
    call: 'DELETE /api/auth/sessions/{session}',
    summary: 'End one of them, and its live connections',
    answer: { status: 204 },
    problems: ['not_found'],
  },
  endOtherSessions: {
    call: 'DELETE /api/auth/sessions',
    summary: 'End all but the one that asks',
    answer: { status: 204 },
  },
  forgot: {
    call: 'POST /api/auth/forgot',
    summary: 'Mail a link for a new password, where there is such an account: the answer is the same',
    access: 'public',
    body: 'Forgotten',
    answer: { status: 202 },
    problems: ['rate_limited'],
  },
  reset: {
    call: 'POST /api/auth/reset',
    summary: 'Use the link: all logins end',
    access: 'public',
    body: 'NewPassword',
    answer: { status: 204 },
    problems: ['auth_failed', 'rate_limited'],
  },
  changeAccount: {
    call: 'PATCH /api/me',
    summary: 'Change one’s name',
    body: 'AccountChange',
    answer: { status: 200, body: 'Person' },
  },
  changePassword: {
    call: 'PUT /api/me/password',
    summary: 'Change one’s password: the other logins end',
    body: 'PasswordChange',
    answer: { status: 204 },
    problems: ['wrong_password', 'rate_limited'],
  },
  askForEmail: {
    call: 'POST /api/me/email',
    summary: 'Ask for another e-mail address: it gets a link that confirms it, the present one a word',
    description:
      'The answer is the same whether somebody else has the address. A newer request stands for an older one.',
    body: 'NewEmail',
    answer: { status: 202 },
    problems: ['wrong_password', 'rate_limited'],
  },
  confirmEmail: {
    call: 'POST /api/auth/email',
    summary: 'Use the link: the account has the new address',
    description:
      'Logins stay. Their connections and streams end with `auth_revoked`, and come back under the new name.',
    access: 'public',
    body: 'EmailConfirmation',
    answer: { status: 204 },
    problems: ['auth_failed', 'email_taken'],
  },
  register: {
    call: 'POST /api/auth/register',
    summary: 'Make an account, as a patient',
    access: 'public',
    body: 'Registration',
    answer: { status: 201, body: 'Person' },
    problems: ['email_taken', 'rate_limited'],
  },
  ticket: {
    call: 'POST /api/auth/ticket',
    summary: 'A ticket for one stream',
    description: "For clients that can't set headers, as a browser's EventSource: one use, 30 s, `?ticket=`.",
    answer: { status: 201, body: 'Ticket' },
  },
  me: {
    call: 'GET /api/me',
    summary: 'Who is signed in',
    answer: { status: 200, body: 'Person' },
  },
  demo: {
    call: 'GET /api/demo',
    summary: 'Who may be tried out',
    description: 'There only with the setting DEMO.',
    access: 'public',
    answer: { status: 200, body: 'DemoCards' },
    problems: ['not_found'],
  },
};
