package main

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// signs measures RSA-2048 signatures and verifications per CPU-second, with
// nothing around them, while all cores do the same: a core that shares its
// parts with another does less in a second, in the server too.
func signs(key *rsa.PrivateKey) (sign, verify float64, err error) {
	sum := sha256.Sum256([]byte("what is signed"))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
	if err != nil {
		return 0, 0, err
	}
	sign, err = perCPUSecond(1200, func() error {
		_, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, sum[:])
		return err
	})
	if err != nil {
		return 0, 0, err
	}
	verify, err = perCPUSecond(20_000, func() error {
		return rsa.VerifyPKCS1v15(&key.PublicKey, crypto.SHA256, sum[:], signature)
	})
	return sign, verify, err
}

// perCPUSecond is how often this process can do f in a second of CPU time.
func perCPUSecond(times int, f func() error) (float64, error) {
	before := ownCPU()
	errs := make([]error, cores())
	var wg sync.WaitGroup
	for core := range errs {
		wg.Go(func() {
			for range times / len(errs) {
				errs[core] = errors.Join(errs[core], f())
			}
		})
	}
	wg.Wait()
	return float64(times) / (ownCPU() - before).Seconds(), errors.Join(errs...)
}

// ownCPU is the CPU time that this process has used.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// syncs is how often a second 3 KB reach the disk.
func syncs(dir string) (_ float64, err error) {
	file, err := os.Create(filepath.Join(dir, "sync"))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	block := make([]byte, 3000)
	const times = 300
	began := time.Now()
	for range times {
		if _, err := file.Write(block); err != nil {
			return 0, err
		}
		if err := syscall.Fdatasync(int(file.Fd())); err != nil {
			return 0, err
		}
	}
	return perSecond(times, time.Since(began)), nil
}

// commits is how many rows of about an activity's size a second are
// committed, one by one, by several clients through the pool that the server
// uses.
func (t *target) commits(ctx context.Context, clients int) (float64, error) {
	const each = 150
	blob := t.blob()
	_, err := t.db.Bun().ExecContext(ctx, "CREATE TABLE IF NOT EXISTS bench_rows (hash "+blob+" PRIMARY KEY, body "+blob+")")
	if err != nil {
		return 0, err
	}
	body := make([]byte, 3000)
	errs := make([]error, clients)
	var wg sync.WaitGroup
	began := time.Now()
	for client := range clients {
		wg.Go(func() {
			hash := make([]byte, 16)
			for range each {
				_, _ = rand.Read(hash)
				if _, err := t.db.Bun().ExecContext(ctx, "INSERT INTO bench_rows (hash, body) VALUES (?, ?)", hash, body); err != nil {
					errs[client] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return perSecond(clients*each, time.Since(began)), errors.Join(errs...)
}
