// Load for token endpoints: chains of rotations. Each connection posts the refresh token that its last answer gave it.
//
//   load PORT PATH AMOUNT BODY [HEADER] < tokens
//
// One connection for each line of stdin. AMOUNT is a time in seconds (1.5), or how often each chain refreshes (100x). BODY is a form
// that ends where the token goes; HEADER is one more line of the request. On stdout: one token a line, as each chain now has
// it, and last a line of JSON with what was measured.
// A chain that is answered with anything but a 200 with a refresh_token ends, and is counted in `failed`.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
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
  int fd;
  char token[MAX_TOKEN];
  char answer[MAX_ANSWER];
  size_t filled;
  double sent_at;
  unsigned long left;
} Chain;

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

static void send_request(Chain *chain, const char *path, const char *body, const char *header) {
  static char request[MAX_TOKEN * 2];
  size_t length = strlen(body) + strlen(chain->token);
  int size = snprintf(request, sizeof request,
                      "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                      "%s%sContent-Length: %zu\r\n\r\n%s%s",
                      path, header, *header ? "\r\n" : "", length, body, chain->token);
  chain->filled = 0;
  chain->sent_at = now();
  // It is a kilobyte on a connection that waits for nothing: there is room for it.
  if (write(chain->fd, request, (size_t)size) != size) die("write");
}

// The body of a whole answer; NULL while more must come.
static char *body_of(Chain *chain) {
  chain->answer[chain->filled] = 0;
  char *end = strstr(chain->answer, "\r\n\r\n");
  if (!end) return NULL;
  char *body = end + 4;
  for (char *line = strstr(chain->answer, "\r\n"); line && line < end; line = strstr(line + 2, "\r\n")) {
    if (strncasecmp(line + 2, "content-length:", 15) == 0) {
      size_t length = strtoul(line + 17, NULL, 10);
      return chain->filled >= (size_t)(body - chain->answer) + length ? body : NULL;
    }
  }
  // In chunks: the last one is empty.
  return strcmp(chain->answer + chain->filled - 5, "0\r\n\r\n") == 0 ? body : NULL;
}

static int take_token(Chain *chain, const char *body) {
  if (strncmp(chain->answer, "HTTP/1.1 200", 12) != 0) return 0;
  const char *name = "\"refresh_token\":\"";
  char *start = strstr(body, name);
  if (!start) return 0;
  start += strlen(name);
  char *end = strchr(start, '"');
  if (!end || end - start >= MAX_TOKEN) return 0;
  memcpy(chain->token, start, (size_t)(end - start));
  chain->token[end - start] = 0;
  return 1;
}

static int by_size(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return (x > y) - (x < y);
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "load PORT PATH AMOUNT BODY [HEADER] < tokens\n");
    return 2;
  }
  int port = atoi(argv[1]);
  const char *path = argv[2], *form = argv[4], *header = argc > 5 ? argv[5] : "";
  char *unit;
  double amount = strtod(argv[3], &unit);
  int counted = *unit == 'x';

  Chain *chains = NULL;
  size_t count = 0;
  char line[MAX_TOKEN];
  while (fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\r\n")] = 0;
    if (!*line) continue;
    chains = realloc(chains, (count + 1) * sizeof *chains);
    strcpy(chains[count].token, line);
    chains[count].left = counted ? (unsigned long)amount : (unsigned long)-1;
    chains[count++].fd = connect_to(port);
  }
  struct pollfd *polls = calloc(count, sizeof *polls);
  size_t room = 1 << 20, answered = 0, failed = 0;
  float *latencies = malloc(room * sizeof *latencies);

  double start = now(), end = counted ? 1e300 : start + amount;
  size_t open = count;
  for (size_t i = 0; i < count; i++) {
    polls[i] = (struct pollfd){.fd = chains[i].fd, .events = POLLIN};
    send_request(&chains[i], path, form, header);
  }
  while (open > 0) {
    if (poll(polls, (nfds_t)count, 30000) <= 0) die("no answer within 30 s");
    for (size_t i = 0; i < count; i++) {
      if (!(polls[i].revents & (POLLIN | POLLHUP | POLLERR))) continue;
      Chain *chain = &chains[i];
      ssize_t got = read(chain->fd, chain->answer + chain->filled, MAX_ANSWER - 1 - chain->filled);
      if (got < 0 && errno == EAGAIN) continue;
      char *body = NULL;
      if (got > 0) {
        chain->filled += (size_t)got;
        body = body_of(chain);
        if (!body) continue;
      }
      int took = body && take_token(chain, body);
      if (took) {
        if (answered == room) latencies = realloc(latencies, (room *= 2) * sizeof *latencies);
        latencies[answered++] = (float)(now() - chain->sent_at);
      } else {
        if (failed++ == 0) fprintf(stderr, "load: a chain ended: %.*s\n", 300, got > 0 ? chain->answer : "closed");
      }
      if (took && --chain->left > 0 && now() < end) {
        send_request(chain, path, form, header);
      } else {
        close(chain->fd);
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
  for (size_t i = 0; i < count; i++) puts(chains[i].token);
  printf("{\"answered\":%zu,\"failed\":%zu,\"seconds\":%.6f,\"medianMs\":%.4f,\"p99Ms\":%.4f,\"cpuSeconds\":%.4f}\n", answered,
         failed, took, answered ? latencies[answered / 2] * 1e3 : 0, answered ? latencies[answered * 99 / 100] * 1e3 : 0,
         cpu);
  return 0;
}
