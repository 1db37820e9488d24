// What Rust's standard library takes of Windows 10's bcryptprimitives.dll, which wine 8 does not have.

__declspec(dllimport) unsigned char SystemFunction036(void *bytes, unsigned long length);

__declspec(dllexport) int ProcessPrng(unsigned char *bytes, unsigned long long length) {
	return SystemFunction036(bytes, (unsigned long)length);
}
