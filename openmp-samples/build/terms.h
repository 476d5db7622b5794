double term(int i);
