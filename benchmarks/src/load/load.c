// Load for HTTP servers: one request after the other on each connection, each with a token in it.
//
//   load PORT MODE AMOUNT HEAD BODY < tokens
//
// HEAD is the request line and the headers, each ended by CR LF, BODY the body or nothing; {token} stands in one of the two.
// Content-Length is added. The tokens are the lines of stdin, and MODE says which one a request has:
//   rotate   a connection for each; its token is the refresh_token of its last answer
//   keep     a connection for each; its token stays the same
//   spend    each token once, over AMOUNT connections
// AMOUNT is otherwise a time in seconds (1.5), or how many requests each connection makes (100x); SIGTERM ends it before that,
// once every request is answered. On stdout: the tokens, as they are now, and last a line of JSON with what was measured.
// A connection that is answered with anything but a 200 (to rotate: with a refresh_token) ends, and is counted in `failed`.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MAX_TOKEN 8192
#define MAX_ANSWER 32768

typedef struct {
  char text[MAX_TOKEN];
} Token;

typedef struct {
  int fd;
  Token *token;
  char answer[MAX_ANSWER];
  size_t filled;
  double sent_at;
  unsigned long left;
} Connection;

static volatile sig_atomic_t stopped = 0;

static void stop(int signal) {
  stopped = signal;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static int connect_to(int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  return fd;
}

// Writes the text with the token in its place, if it has one; answers where it ends.
static char *fill(char *out, const char *text, const char *token) {
  const char *place = strstr(text, "{token}");
  if (!place) return stpcpy(out, text);
  out = mempcpy(out, text, (size_t)(place - text));
  return stpcpy(stpcpy(out, token), place + strlen("{token}"));
}

static void send_request(Connection *connection, const char *head, const char *body) {
  static char request[MAX_TOKEN * 3], filled[MAX_TOKEN * 2];
  char *end = fill(request, head, connection->token->text);
  size_t length = (size_t)(fill(filled, body, connection->token->text) - filled);
  if (length > 0) end += sprintf(end, "Content-Length: %zu\r\n", length);
  end = stpcpy(stpcpy(end, "\r\n"), filled);
  connection->filled = 0;
  connection->sent_at = now();
  // It is a kilobyte on a connection that waits for nothing: there is room for it.
  if (write(connection->fd, request, (size_t)(end - request)) != end - request) die("write");
}

// The body of a whole answer; NULL while more must come.
static char *body_of(Connection *connection) {
  connection->answer[connection->filled] = 0;
  char *end = strstr(connection->answer, "\r\n\r\n");
  if (!end) return NULL;
  char *body = end + 4;
  for (char *line = strstr(connection->answer, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, "content-length:", 15) == 0) {
      size_t length = strtoul(line + 17, NULL, 10);
      return connection->filled >= (size_t)(body - connection->answer) + length ? body : NULL;
    }
  }
  // In chunks: the last one is empty.
  return strcmp(connection->answer + connection->filled - 5, "0\r\n\r\n") == 0 ? body : NULL;
}

static int is_ok(Connection *connection) {
  return strncmp(connection->answer, "HTTP/1.1 200", 12) == 0;
}

static int take_token(Connection *connection, const char *body) {
  const char *name = "\"refresh_token\":\"";
  char *start = strstr(body, name);
  if (!start) return 0;
  start += strlen(name);
  char *end = strchr(start, '"');
  if (!end || end - start >= MAX_TOKEN) return 0;
  memcpy(connection->token->text, start, (size_t)(end - start));
  connection->token->text[end - start] = 0;
  return 1;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "load PORT MODE AMOUNT HEAD BODY < tokens\n");
    return 2;
  }
  // With SA_RESTART, as signal() sets it here, only poll is interrupted.
  signal(SIGTERM, stop);
  int port = atoi(argv[1]);
  const char *head = argv[4], *body_text = argv[5];
  int rotates = strcmp(argv[2], "rotate") == 0, spends = strcmp(argv[2], "spend") == 0;
  char *unit;
  double amount = strtod(argv[3], &unit);
  int timed = !spends && *unit != 'x';

  Token *tokens = NULL;
  size_t token_count = 0;
  char line[MAX_TOKEN];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    if (!*line) continue;
    tokens = realloc(tokens, (token_count + 1) * sizeof *tokens);
    strcpy(tokens[token_count++].text, line);
  }
  size_t count = spends && amount < token_count ? (size_t)amount : token_count, next = count;
  Connection *connections = calloc(count, sizeof *connections);
  for (size_t i = 0; i < count; i++) {
    connections[i].fd = connect_to(port);
    connections[i].token = &tokens[i];
    connections[i].left = timed || spends ? (unsigned long)-1 : (unsigned long)amount;
  }
  struct pollfd *polls = calloc(count, sizeof *polls);
  size_t room = 1 << 20, answered = 0, failed = 0;
  float *latencies = malloc(room * sizeof *latencies);

  double start = now(), end = timed ? start + amount : 1e300;
  size_t open = count;
  for (size_t i = 0; i < count; i++) {
    polls[i] = (struct pollfd){.fd = connections[i].fd, .events = POLLIN};
    send_request(&connections[i], head, body_text);
  }
  while (open > 0) {
    int ready = poll(polls, (nfds_t)count, 30000);
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) die("no answer within 30 s");
    for (size_t i = 0; i < count; i++) {
      if (!(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      Connection *connection = &connections[i];
      ssize_t got = read(connection->fd, connection->answer + connection->filled, MAX_ANSWER - 1 - connection->filled);
      if (got < 0 && errno == EAGAIN) continue;
      char *body = NULL;
      if (got > 0) {
        connection->filled += (size_t)got;
        body = body_of(connection);
        if (!body) continue;
      }
      int took = body && is_ok(connection) && (!rotates || take_token(connection, body));
      if (took) {
        if (answered == room) latencies = realloc(latencies, (room *= 2) * sizeof *latencies);
        latencies[answered++] = (float)(now() - connection->sent_at);
      } else {
        if (failed++ == 0) fprintf(stderr, "load: a connection ended: %.*s\n", 300, got > 0 ? connection->answer : "closed");
      }
      int goes_on = took && --connection->left > 0 && now() < end && !stopped;
      if (goes_on && spends) {
        goes_on = next < token_count;
        if (goes_on) connection->token = &tokens[next++];
      }
      if (goes_on) {
        send_request(connection, head, body_text);
      } else {
        close(connection->fd);
        polls[i].fd = -1;
        open--;
      }
    }
  }
  double took = now() - start;
  qsort(latencies, answered, sizeof *latencies, by_size);
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
  for (size_t i = 0; i < token_count; i++) puts(tokens[i].text);
  printf("{\"answered\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"medianMs\":%.4f,\"p99Ms\":%.4f,\"maxMs\":%.4f,\"cpuSeconds\":%.4f}\n", answered,
         failed, took, answered ? latencies[answered / 2] * 1e3 : 0, answered ? latencies[answered * 99 / 100] * 1e3 : 0,
         answered ? latencies[answered - 1] * 1e3 : 0, cpu);
  return 0;
}
