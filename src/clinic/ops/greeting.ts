/** What to open and what to type, for the person who has just started Carillon. */
export function greeting(url: string, { demo }: { readonly demo: boolean }): string {
  return demo ? `${listens(url)}\n${invitation(url)}` : listens(url);
}

function listens(url: string): string {
  return `Carillon listens on ${url}`;
}

/** Lines that begin with four blanks can be pasted into a shell. */
function invitation(url: string): string {
  return `
  Open it in two windows and sign in as patient@example.org and as doctor@example.org, password carillon.
  Book an appointment: it rings in both.

  Or listen in a shell, and ring:

    token() { curl -s ${url}/api/auth/login -H 'Content-Type: application/json' \\
      -d '{"email":"'$1'@example.org","password":"carillon"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/'; }
    curl -sN ${url}/api/notifications/stream -H "Authorization: Bearer $(token doctor)" & sleep 1
    curl -sw '\\n' ${url}/api/notifications -H "Authorization: Bearer $(token operator)" \\
      -H 'Content-Type: application/json' -d '{"email":"doctor@example.org","message":"Ding dong"}'
`;
}
