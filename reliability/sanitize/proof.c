// A Node-API addon of what the sanitizer has to see: loaded by `proof.mjs`, and by nothing else.

#include <stddef.h>
#include <stdlib.h>

typedef struct env *napi_env;
typedef struct value *napi_value;
typedef struct info *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);

int napi_create_function(napi_env, const char *, size_t, napi_callback, void *, napi_value *);
int napi_get_cb_info(napi_env, napi_callback_info, size_t *, napi_value *, napi_value *, void **);
int napi_get_typedarray_info(napi_env, napi_value, int *, size_t *, void **, napi_value *, size_t *);
int napi_set_named_property(napi_env, napi_value, const char *, napi_value);
void __asan_poison_memory_region(const volatile void *, size_t);

// Writes a byte behind a block of eight.
static napi_value overflow(napi_env env, napi_callback_info info) {
  volatile char *block = malloc(8);
  block[8] = 1;
  free((void *)block);
  return NULL;
}

// Forbids the memory of an `Int32Array` to whoever is instrumented.
static napi_value poison(napi_env env, napi_callback_info info) {
  napi_value array;
  size_t length = 1;
  void *data;
  napi_get_cb_info(env, info, &length, &array, NULL, NULL);
  napi_get_typedarray_info(env, array, NULL, &length, &data, NULL, NULL);
  __asan_poison_memory_region(data, length * sizeof(int));
  return NULL;
}

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function;
  napi_create_function(env, "overflow", (size_t)-1, overflow, NULL, &function);
  napi_set_named_property(env, exports, "overflow", function);
  napi_create_function(env, "poison", (size_t)-1, poison, NULL, &function);
  napi_set_named_property(env, exports, "poison", function);
  return exports;
}
