/** What to open and what to type, for the person who has just started Carillon. */
export function greeting(url: string, { demo }: { readonly demo: boolean }): string {
  return demo ? `${listens(url)}\n${invitation(url)}` : listens(url);
}

function listens(url: string): string {
  return `Carillon listens on ${url}`;
}

function invitation(url: string): string {
  return `
  Open it in two windows and sign in as patient@example.org and as doctor@example.org, password carillon.
  Book an appointment: it rings in both.

  Or from a shell:

    TOKEN=$(curl -s ${url}/api/auth/login -H 'Content-Type: application/json' \\
      -d '{"email":"doctor@example.org","password":"carillon"}' | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
    curl -N ${url}/api/notifications/stream -H "Authorization: Bearer $TOKEN"
`;
}
