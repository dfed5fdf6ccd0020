// The storages of the part `sessions`: one user with many sessions, and others who refresh meanwhile. As subjects.mjs says.
const subject = {
  module: './subjects/ratchet-sessions.mjs',
  kind: 'ours',
  path: '/oauth/token',
  form: 'grant_type=refresh_token&client_id=app&refresh_token=',
}

export const sessions = [
  { ...subject, name: 'in memory', variant: 'memory' },
  { ...subject, name: 'SQLite, `FULL`', variant: 'sqlite-FULL' },
  { ...subject, name: 'Redis', variant: 'redis' },
]
