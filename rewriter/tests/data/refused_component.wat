;; A component.
(component)
