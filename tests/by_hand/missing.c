/* An entry point of LLVM's runtime that is not implemented. */
void __tgt_set_info_flag(unsigned flags);

int main(void) {
  __tgt_set_info_flag(0);
#pragma omp parallel
  {
  }
  return 0;
}
