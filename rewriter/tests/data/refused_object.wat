;; An object file.
(module (@custom "linking" "\02"))
