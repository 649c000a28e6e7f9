/ A small TAQ-like database: two days, ten stocks, 500,000 trades and 1,000,000 quotes. Made up, and the same every time.
/   q taq.q DIRECTORY -q
/ Partitioned by date, parted by sym, as a market data database is.

dir:hsym`$first .z.x
dates:2024.01.02 2024.01.03
syms:`AAPL`AIG`AMD`DELL`DOW`GOOG`HPQ`IBM`INTC`MSFT
base:syms!185.6 67.8 138.6 76.5 54.8 138.2 30.1 160.1 47.8 370.9
say:{-1 x;}

/ n times of a trading day, more of them towards its ends
times:{[date;n] (date+0D09:30)+`timespan$floor 23400e9*{0.5+0.5*(-1 1 x<0)*abs[x]xexp 0.7}(2*n?1f)-1}
/ a price in cents that wanders around its stock's
walk:{[price;n] 0.01*floor 0.5+100*price*exp sums 0.0002*(n?1f)-0.5}

quotes:{[date;n]
  t:`sym`time xasc([]sym:n?syms;time:times[date;n]);
  t:update mid:walk[base first sym;count i]by sym from t;
  t:update bid:mid-0.01*1+n?3,ask:mid+0.01*1+n?3,bsize:100*1+n?20,asize:100*1+n?20,ex:n?`N`Q`Z from t;
  delete mid from t}

/ trades happen at a quote's bid or ask
trades:{[date;n;q]
  t:`sym`time xasc([]sym:n?syms;time:times[date;n]);
  t:aj[`sym`time;t;select sym,time,bid,ask from q];
  t:update price:?[n?0b;bid;ask],size:100*1+n?50,ex:n?`N`Q`Z,cond:n?" @FIT" from t;
  delete bid,ask from delete from t where null price}

save1:{[date;name] .Q.dpft[dir;date;`sym;name];say"  ",string[date]," ",string[name],": ",string[count value name]," rows"}

day:{[date]
  quote::quotes[date;500000];
  trade::trades[date;250000;quote];
  save1[date]each`quote`trade;}

say"writing ",1_string dir
day each dates
say"done"
\\
