// hnswlib at the same work as our index, one thread. Build: g++ -O3 -march=native -std=c++17 search_peer.cc -o search_peer
//   search_peer build BASE.f32 ROWS DIMENSION M EFCONSTRUCTION INDEX    prints CPU seconds and bytes a vector
//   search_peer serve INDEX DIMENSION QUERY.f32 QUERIES K               for each ef read, prints CPU seconds and writes K ids a query
#include <hnswlib/hnswlib.h>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

static double cpu_seconds() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return time.tv_sec + 1e-9 * time.tv_nsec;
}

static double resident_bytes() {
  long pages = 0, resident = 0;
  if (FILE* statm = fopen("/proc/self/statm", "r")) {
    if (fscanf(statm, "%ld %ld", &pages, &resident) != 2) resident = 0;
    fclose(statm);
  }
  return resident * 4096.0;
}

static std::vector<float> read_floats(const char* path, size_t count) {
  std::vector<float> values(count);
  FILE* file = fopen(path, "rb");
  if (!file || fread(values.data(), sizeof(float), count, file) != count) {
    fprintf(stderr, "%s: cannot read %zu floats\n", path, count);
    exit(1);
  }
  fclose(file);
  return values;
}

int main(int count, char** words) {
  if (count == 8 && std::string(words[1]) == "build") {
    size_t rows = atol(words[3]), dimension = atol(words[4]);
    auto base = read_floats(words[2], rows * dimension);
    hnswlib::InnerProductSpace space(dimension);
    double before = resident_bytes();
    hnswlib::HierarchicalNSW<float> index(&space, rows, atoi(words[5]), atoi(words[6]), 100);
    double started = cpu_seconds();
    for (size_t row = 0; row < rows; row++) index.addPoint(&base[row * dimension], row);
    printf("%.3f %.0f\n", cpu_seconds() - started, (resident_bytes() - before) / rows);
    index.saveIndex(words[7]);
    return 0;
  }
  if (count == 7 && std::string(words[1]) == "serve") {
    size_t dimension = atol(words[3]), queries = atol(words[5]), k = atol(words[6]);
    hnswlib::InnerProductSpace space(dimension);
    hnswlib::HierarchicalNSW<float> index(&space, words[2]);
    auto query = read_floats(words[4], queries * dimension);
    std::vector<unsigned> ids(queries * k);
    for (int ef; scanf("%d", &ef) == 1;) {
      index.setEf(ef);
      double started = cpu_seconds();
      for (size_t i = 0; i < queries; i++) {
        auto found = index.searchKnn(&query[i * dimension], k);
        for (size_t place = k; !found.empty(); found.pop()) ids[i * k + --place] = found.top().second;
      }
      printf("%.6f", cpu_seconds() - started);
      for (unsigned id : ids) printf(" %u", id);
      printf("\n");
      fflush(stdout);
    }
    return 0;
  }
  fprintf(stderr, "see the head of this file\n");
  return 2;
}
