exports.stormUsage = `npm run storm: @oauth-ratchet/client and three other clients in the same storm, in headless Chromium.

In each session of a client all access tokens expire again and again, and then come the API requests: 20 at once in one tab, one in
each of 8 tabs, or one whose refresh has its answer lost. All of that against our server with its defaults, and once more with
reuse_grace: 10. The table goes to stdout, as Markdown (it is in packages/client/README.md), and the progress to stderr.

Variables:
  SESSIONS  sessions for each client, part and server, 1 to 9999. Default: 5
  ROUNDS    expiries in each session, 1 to 9999; one that is signed out has no more. Default: 5

Time on 2 cores: 10 to 15 minutes with the defaults, and about as many times longer as there are more sessions; 3 with SESSIONS=1.
Chromium is installed where it is missing (on Debian and Ubuntu, as root or with CI set). The packages are built first.

npm run storm -- --help prints this.`
