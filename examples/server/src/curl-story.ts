/** One step of the story: why, lines to paste, and what is to be seen then. */
export interface Step {
  readonly title: string
  readonly lines: readonly string[]
  readonly seen: string
}

export interface StoryOptions {
  /** Where the endpoints and the API are: the issuer without a slash at its end. */
  readonly base: string
  /** The file with the demo clients' secrets; undefined where the page must not name it. */
  readonly secretsFile: string | undefined
  /** Seconds. */
  readonly reuseGrace: number
}

const refresh = (token: string) =>
  `curl -s -u "trusted:$TRUSTED_SECRET" -d grant_type=refresh_token -d "refresh_token=${token}" "$BASE/oauth/token"`
const keep = (name: string, member: string) => `${name}=$(echo "$ANSWER" | member ${member})`

/** The life of a grant, from the first token to its end, in lines for a shell with curl and sed. */
export function curlStory({ base, secretsFile, reuseGrace }: StoryOptions): readonly Step[] {
  return [
    {
      title: 'Prepare the shell',
      lines: [
        `BASE=${quoted(base)}`,
        secretsFile === undefined
          ? `TRUSTED_SECRET='(the secret of the client trusted, which was printed when the server started)'`
          : `TRUSTED_SECRET=$(sed -n 's/.*"trusted": *"\\([^"]*\\)".*/\\1/p' ${quoted(secretsFile)})`,
        `member() { sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }`,
      ],
      seen: 'Nothing yet. The function member takes one member out of a JSON answer.',
    },
    {
      title: 'Get tokens',
      lines: [
        `ANSWER=$(curl -s -u "trusted:$TRUSTED_SECRET" -d grant_type=password -d username=alice -d password=wonderland "$BASE/oauth/token")`,
        'echo "$ANSWER"',
        keep('ACCESS', 'access_token'),
        keep('FIRST', 'refresh_token'),
      ],
      seen: 'An access token for minutes, and a refresh token for weeks. A grant has begun.',
    },
    {
      title: 'Call the API',
      lines: [
        `curl -s -H "Authorization: Bearer $ACCESS" "$BASE/api/me"; echo`,
        `curl -s -H "Authorization: Bearer $ACCESS" -H 'Content-Type: application/json' -d '{"text":"Buy milk"}' "$BASE/api/notes"; echo`,
        `curl -s -H "Authorization: Bearer $ACCESS" "$BASE/api/notes"; echo`,
      ],
      seen: 'Who the token speaks for, and a note of theirs.',
    },
    {
      title: 'Refresh, twice',
      lines: [
        `ANSWER=$(${refresh('$FIRST')})`,
        'echo "$ANSWER"',
        keep('SECOND', 'refresh_token'),
        `ANSWER=$(${refresh('$SECOND')})`,
        'echo "$ANSWER"',
        keep('THIRD', 'refresh_token'),
        keep('NEWEST', 'access_token'),
        `curl -s -H "Authorization: Bearer $NEWEST" "$BASE/api/me"; echo`,
      ],
      seen: 'Each refresh gives a new refresh token and spends the one before. The newest access token works.',
    },
    {
      title: 'Replay the first refresh token, as a thief would',
      lines: [`${refresh('$FIRST')}; echo`],
      seen:
        'invalid_grant. A spent token came back, so somebody has a copy, and the grant is ended for both.' +
        (reuseGrace === 0
          ? ''
          : ` (The grace of ${reuseGrace} s does not help: it is for the token just before the current one, until that one is used.)`),
    },
    {
      title: 'See the grant dead',
      lines: [
        `${refresh('$THIRD')}; echo`,
        `curl -s -i -H "Authorization: Bearer $NEWEST" "$BASE/api/me"; echo`,
      ],
      seen: 'invalid_grant for the newest refresh token, and 401 for the newest access token. Alice signs in again; the thief cannot.',
    },
  ]
}

/** Text as one word of a POSIX shell. */
export function quoted(text: string): string {
  return /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
