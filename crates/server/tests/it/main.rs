//! The gateway, tried from outside: the real app in this process or the real program beside it, our own client as driver.

mod gateway;
mod program;

mod browser;
mod chat;
mod config;
mod contract;
mod crash;
mod documents;
mod failure;
mod key;
mod limit;
mod provider;
mod robot;
mod session;
mod tidy;
