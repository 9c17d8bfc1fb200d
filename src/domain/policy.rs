//! Policy documents: build, print, compare by meaning.
